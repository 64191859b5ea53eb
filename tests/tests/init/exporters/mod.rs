//! Foreign exporters, readers and providers, and several of ours, in one process.

mod another_crate;
mod concurrent_calls;
mod foreign;
mod prepared;
mod providers;
mod readers;
mod several;
mod start;
pub(super) mod test_double;
mod unavailable;
