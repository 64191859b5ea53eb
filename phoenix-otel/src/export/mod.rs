//! What leaves the process: readers, encoders, exporters, and what they need to know of the SDK's data.

pub(crate) mod console;
mod count;
mod lines;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc", feature = "otlp-file"))]
pub(crate) mod otlp;
#[cfg(feature = "otlp-file")]
#[cfg_attr(not(test), expect(dead_code, reason = "no setting chooses it yet"))]
pub(crate) mod otlp_file;
#[cfg(feature = "prometheus")]
pub mod prometheus;
pub(crate) mod push;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
pub(crate) mod quiet;
pub(crate) mod reader;
#[cfg(feature = "prometheus")]
pub(crate) mod registry;
#[cfg(feature = "prometheus")]
pub(crate) mod scrape;
#[cfg(feature = "tracing")]
pub(crate) mod spans;
pub(crate) mod watch;
