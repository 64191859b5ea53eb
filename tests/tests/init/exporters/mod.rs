//! Exporters, readers and providers that are not ours, and several of ours, side by side in one process.

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
