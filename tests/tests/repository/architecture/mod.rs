//! The rules of `docs/ARCHITECTURE.md`, checked on the sources. Each finding has its place, the broken rule, and the remedy.

mod builds;
mod experiments;
mod hygiene;
mod imports;
mod names;
pub(crate) mod source;
mod tenant;
mod variables;

use source::Finding;

/// Fails if there are findings, and prints them.
fn none(found: impl IntoIterator<Item = Finding>) {
    let found: Vec<String> = found.into_iter().map(|finding| finding.to_string()).collect();
    assert!(found.is_empty(), "{} break the rules:\n{}", found.len(), found.join("\n"));
}
