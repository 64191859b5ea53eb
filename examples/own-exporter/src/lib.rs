//! An exporter for a backend without OTLP, as a crate of its own would have it: metrics as lines of the Influx line protocol, by HTTP.
//!
//! [`InfluxExporter`] implements the SDK's `PushMetricExporter`, in two parts: `line` makes text of metrics, and `exporter` sends it.

mod exporter;
mod line;
pub mod receiver;

pub use exporter::InfluxExporter;
