//! Foreign exporters, readers and providers, and several of ours, in one process.

mod another_crate;
pub(super) mod double;
mod foreign;
mod idle;
mod prepared;
mod providers;
mod readers;
mod several;
mod start;
mod together;
