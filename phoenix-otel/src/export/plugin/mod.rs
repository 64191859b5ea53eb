//! The plugin interface of exporters. A provider with a name creates a built-in or foreign exporter. All exporters have the same lifecycle.
//!
//! `provider`, `settings` and `component`: a provider, its argument and its return type. `registry`: finds providers by name. `context`: shared
//! by the exporters while they are prepared. `lifecycle`: prepare, start, flush, shut down. `deadline`: the time limit of
//! one export. `runner`: where an exporter's own code runs. `drop_on_thread`: where it is dropped. `health`, `status`, `health_board`: its health.
//! `unavailable`: an exporter that cannot be created.

mod call_lock;
mod commands;
mod component;
mod context;
mod deadline;
mod drop_on_thread;
mod exporter;
mod health;
mod health_board;
mod lifecycle;
mod provider;
mod registry;
mod runner;
mod settings;
mod status;
#[cfg(test)]
mod tests;
mod thread;
mod unavailable;
mod wait;

pub(crate) use call_lock::{CallLock, CallPermit};
pub(crate) use commands::{InterruptedBy, add_lost, interruptible};
pub use component::{Component, PushExporter};
pub(crate) use context::{ExportContext, Identity};
pub(crate) use deadline::Deadline;
pub(crate) use drop_on_thread::DropOnThread;
pub use exporter::Exporter;
pub use health::{ExportFailure, ExportKind, ExporterHealth, ExporterState, Health};
pub(crate) use health_board::{FORKED, HealthBoard};
#[cfg(feature = "tracing")]
pub(crate) use lifecycle::Command;
pub(crate) use lifecycle::{Commands, Delivered, Prepared, Running, RunningExporters, after, start};
pub use provider::ExporterProvider;
pub(crate) use provider::{Provider, Resolved};
#[cfg(feature = "config-file")]
pub(crate) use registry::Providers;
#[cfg(feature = "tracing")]
pub(crate) use registry::failing;
pub(crate) use registry::{Chosen, Common, Given, Registry, prepare};
pub(crate) use runner::{Call, Failure, Runner};
pub use settings::ExporterSettings;
pub(crate) use status::{ExportState, HealthSource};
pub(crate) use thread::{BackgroundThread, ON_EXPORT_THREAD, is_export_thread};
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc", feature = "prometheus", feature = "tracing"))]
pub(crate) use unavailable::Unavailable;
#[cfg(feature = "prometheus")]
pub(crate) use wait::panic_message;
pub(crate) use wait::{ThreadCall, call_with_timeout, report_panic, spawn_call};
