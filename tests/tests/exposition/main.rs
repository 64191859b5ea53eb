//! The exposition, read back by implementations that are not ours.
//!
//! `UPDATE_GOLDEN=1 cargo test -p phoenix-otel-tests --test exposition` rewrites the golden files; look at what changed before you commit it.

mod foreign_parsers;
mod golden;
mod hostile;
mod lint;
mod oracle;
mod python;
mod registry_bridge;
