//! The export side: readers, encoders, exporters, and helpers for the SDK's data.

pub(crate) mod console;
mod count;
#[cfg(any(feature = "prometheus", feature = "otlp-http"))]
pub(crate) mod gzip;
#[cfg(any(feature = "prometheus", feature = "otlp-http", feature = "otlp-grpc", feature = "otlp-file"))]
mod kind;
mod lines;
#[cfg_attr(not(feature = "page"), path = "live/off.rs")]
#[cfg_attr(not(feature = "prometheus"), allow(dead_code, reason = "only the endpoint uses the settings of the page"))]
pub(crate) mod live;
#[cfg_attr(
    not(all(feature = "prometheus", any(feature = "otlp-http", feature = "otlp-grpc"), feature = "tracing")),
    allow(dead_code, reason = "used only by exporters that are not in this build")
)]
pub(crate) mod monitor;
#[cfg_attr(not(any(feature = "otlp-http", feature = "otlp-grpc")), path = "otlp/off.rs")]
pub(crate) mod otlp;
#[cfg_attr(not(feature = "otlp-file"), path = "otlp_file/off.rs")]
mod otlp_file;
#[cfg(any(
    all(feature = "tls-no-provider", any(feature = "otlp-http", feature = "otlp-grpc")),
    feature = "web-config"
))]
pub(crate) mod pem;
#[cfg_attr(
    not(all(feature = "prometheus", any(feature = "otlp-http", feature = "otlp-grpc"), feature = "tracing")),
    allow(dead_code, reason = "used only by exporters that are not in this build")
)]
pub(crate) mod plugin;
#[cfg(feature = "prometheus")]
pub mod prometheus;
mod pull;
pub(crate) mod push;
#[cfg_attr(
    not(all(feature = "prometheus", any(feature = "otlp-http", feature = "otlp-grpc"), feature = "tracing")),
    allow(dead_code, reason = "used only by exporters that are not in this build")
)]
pub(crate) mod reader;
#[cfg(feature = "prometheus")]
#[cfg_attr(not(feature = "prometheus-bridge"), path = "registry/off.rs")]
pub(crate) mod registry;
mod rejected;
#[cfg(any(feature = "prometheus", feature = "otlp-http", feature = "otlp-grpc", feature = "otlp-file"))]
mod scopes;
#[cfg_attr(not(feature = "prometheus"), path = "scrape/off.rs")]
#[cfg_attr(not(feature = "page"), allow(dead_code, reason = "only the live page collects without a scrape"))]
pub(crate) mod scrape;
#[cfg(feature = "tracing")]
pub(crate) mod spans;
mod suppress;
pub(crate) mod switches;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc", feature = "otlp-file"))]
mod temporality;
