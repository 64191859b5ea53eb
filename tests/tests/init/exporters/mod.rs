//! Foreign exporters, readers and providers, and several of ours, in one process.

mod another_crate;
pub(super) mod test_double;
mod foreign;
mod unavailable;
mod prepared;
mod providers;
mod readers;
mod several;
mod start;
mod concurrent_calls;
