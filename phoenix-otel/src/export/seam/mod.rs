//! What an exporter is, ours as much as a foreign one: a provider behind a name, which makes it of settings; and a life, which is the same
//! for all.
//!
//! `provider`, `settings` and `component` are what a provider is, gets and gives; `registry` finds providers by name, `site` is where one
//! is prepared. `life` is prepare, start, flush and shut down; `deadline` is the time for one export; `place` is where an exporter's own code
//! runs, and `apart` where it is dropped; `health`, `status` and `board` are its health; `idle` is an exporter that there cannot be.

mod apart;
mod board;
mod commands;
mod component;
mod deadline;
mod exporter;
mod health;
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
pub use health::{ExportFailure, ExporterHealth, ExporterState, Exports, Health};
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
pub(crate) use status::{ExportState, HealthSource};
pub(crate) use thread::Background;
pub(crate) use turns::{Turn, Turns};
#[cfg(feature = "prometheus")]
pub(crate) use wait::panic_message;
pub(crate) use wait::{Asked, ask, bounded, panic_text};
