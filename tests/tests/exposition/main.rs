//! The exposition, read by foreign implementations; and the live page, in a real browser.
//!
//! `UPDATE_GOLDEN=1 cargo test -p phoenix-otel-tests --test exposition` rewrites the golden files; check the diff before you commit it.

mod access;
mod foreign_parsers;
mod golden;
mod hostile;
mod lint;
mod oracle;
mod page;
mod protobuf;
mod python;
mod random;
mod readme;
mod registry_bridge;
mod utf8;
