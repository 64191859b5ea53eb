//! The rules of `docs/ARCHITECTURE.md`, held by reading the sources. Each finding says where it is, which rule it breaks, and what to do.

mod builds;
mod experiments;
mod hygiene;
mod imports;
mod names;
pub(crate) mod source;
mod tenant;
mod variables;

use source::Finding;

/// Fails with everything that was found.
fn none(found: impl IntoIterator<Item = Finding>) {
    let found: Vec<String> = found.into_iter().map(|finding| finding.to_string()).collect();
    assert!(found.is_empty(), "{} break the rules:\n{}", found.len(), found.join("\n"));
}
