//! The plugin interface of exporters. Built-in and foreign exporters are made by a provider with a name, and have the same lifecycle.
//!
//! `provider`, `settings` and `component`: what a provider is, what it takes and what it returns. `registry`: finds providers by name.
//! `context`: what exporters share while they are prepared. `lifecycle`: prepare, start, flush, shut down. `deadline`: the time limit of
//! one export. `runner`: where an exporter's own code runs. `drop_on_thread`: where it is dropped. `status`, `health_board`: its health.
//! `unavailable`: an exporter that cannot be made.

mod apart;
mod board;
mod commands;
mod component;
mod deadline;
mod exporter;
mod idle;
mod life;
mod place;
mod provider;
mod registry;
mod settings;
mod site;
mod status;
#[cfg(test)]
mod tests;
mod thread;
mod turns;
mod wait;

pub(crate) use apart::Apart;
pub(crate) use board::{Board, FORKED};
pub(crate) use commands::{Yields, interruptible, with};
pub use component::{Component, PushExporter};
pub(crate) use deadline::Deadline;
pub use exporter::Exporter;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc", feature = "tracing"))]
pub(crate) use idle::Idle;
#[cfg(feature = "tracing")]
pub(crate) use life::Command;
pub(crate) use life::{Commands, Delivered, Prepared, Running, after, start};
pub(crate) use place::{Call, Failure, Place};
pub use provider::ExporterProvider;
pub(crate) use provider::{Provider, Resolved};
#[cfg(feature = "tracing")]
pub(crate) use registry::failing;
pub(crate) use registry::{Chosen, Common, Given, Registry, prepare};
pub use settings::Settings;
pub(crate) use site::{Identity, Site};
pub(crate) use status::{ExportState, Health, What};
pub(crate) use thread::Background;
pub(crate) use turns::{Turn, Turns};
#[cfg(feature = "prometheus")]
pub(crate) use wait::panic_message;
pub(crate) use wait::{Asked, ask, bounded, panic_text};
