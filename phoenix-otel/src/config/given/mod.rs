//! What code gives for an exporter of ours, or for the live page: plain values in which every setting may be left open.
//!
//! What is left open comes from the `OTEL_*` variables, then from the defaults of the specification.

mod console;
mod otlp;
mod otlp_file;
mod page;
mod prometheus;

pub use console::Console;
pub use otlp::Otlp;
pub use otlp_file::OtlpFile;
pub use page::Page;
pub use prometheus::Prometheus;
