//! OpenTelemetry-first metrics for Rust services: one [`init`](init()), one attribute, and the same numbers in Prometheus by scrape and by
//! OTLP.
//!
//! # In a service
//!
//! ```no_run
//! use phoenix_otel::{ErrorType, instrument_metrics};
//!
//! #[derive(Debug, ErrorType)]
//! enum PlanError {
//!     NoBudget,
//! }
//!
//! #[instrument_metrics]
//! async fn plan(goal: &str) -> Result<Vec<String>, PlanError> {
//!     if goal.is_empty() { Err(PlanError::NoBudget) } else { Ok(vec![goal.to_owned()]) }
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let telemetry = phoenix_otel::init("orchestrator")?;
//!     // … serve; the metrics are on http://localhost:9464/metrics …
//!     phoenix_otel::signal::wait_blocking();
//!     telemetry.shutdown(); // delivers the last numbers, and logs what it cannot deliver
//!     Ok(())
//! }
//! ```
//!
//! [`init`](init()) goes by the `OTEL_*` variables; [`builder`] sets things in code; [`init!`](crate::init!) takes name and version from the calling package. Keep the
//! [`Telemetry`] that they return: it is what delivers the last numbers.
//!
//! # In a library, or for what has no function
//!
//! [`metrics!`] declares metrics and call sets, with labels that the compiler checks; [`measure`] and [`Call`] measure a future and
//! anything else. A library that depends on this crate needs no `init` of its own: what it declares is found at link time, and does nothing
//! in a program that never calls it. What only some services of an organisation measure goes into a [`Domain`], which an [`Extension`] activates.
//!
//! # Features
//!
//! All but the last five are on by default, and each only adds. `prometheus`: the endpoint, the formats, and the bridges to and from the `prometheus` crate.
//! `process`: metrics of the process and its Tokio runtime. `signal`: [`signal::wait`](crate::signal::wait()), until SIGTERM or Ctrl-C. `otlp-http` and `otlp-grpc`: the push. `tls-ring`: TLS by rustls with ring, for a push to `https`. `http` and `grpc`: outcomes of the types of the crates `http` and `tonic`, and `tower` layers for both.
//! `axum`: the layer for HTTP finds the routes of an axum 0.8 router. `tower-resilience-circuitbreaker`: the breakers of that crate tell [`circuit_breaker`] of their changes.
//! `otlp-file`: [`OtlpFile`], OTLP as lines of JSON.
//! `platform`: the metrics of a platform around language models, as domains that [`Builder::with`] activates.
//! `tracing`, not on by default as it sets the global subscriber: spans by OTLP, lines of the log with their trace, and exemplars; see
//! `Telemetry::tracing_layer`.
//!
//! # Versions
//!
//! The OpenTelemetry crates are re-exported, and what a service records through [`opentelemetry`]'s global meters is exported, too. A program that has two
//! versions of `opentelemetry` loses what is recorded by the other one, silently: use these.

extern crate self as phoenix_otel;

#[doc(hidden)]
pub mod __private;
pub mod catalog;
mod instrument;
mod record;

mod builder;
#[cfg_attr(
    not(all(feature = "prometheus", feature = "otlp-http", feature = "otlp-grpc", feature = "tracing")),
    allow(dead_code, unused_imports, reason = "settings of what is not built in are not read")
)]
mod config;
mod declared;
mod error;
#[cfg_attr(
    not(any(feature = "prometheus", feature = "otlp-http", feature = "otlp-grpc", feature = "otlp-file")),
    allow(dead_code, unused_imports, reason = "the endpoint and OTLP alone carry exemplars")
)]
#[cfg_attr(not(feature = "prometheus"), allow(unreachable_pub, reason = "the encoder of the exposition shows them"))]
mod exemplar;
pub mod export;
mod extension;
mod guard;
mod init;
mod lock;
mod names;
mod pipeline;
#[cfg(feature = "platform")]
pub mod platform;
mod report;
mod self_metrics;
#[cfg_attr(not(feature = "prometheus"), path = "serve/off.rs")]
mod serve;
#[cfg(feature = "signal")]
pub mod signal;
#[cfg_attr(not(feature = "tracing"), path = "traces/off.rs")]
mod traces;
mod view;

pub use builder::Builder;
pub use catalog::edge;
pub use catalog::function::Status;
pub use catalog::{Domain, ErrorType, FunctionDef, Label, Labels, MetricDef};
#[cfg(feature = "tracing")]
pub use config::TracesExporter;
pub use config::given::{Console, Otlp, OtlpFile, Prometheus};
pub use config::{
    Compression, ExtensionSettings, HistogramAggregation, Problem, Problems, Protocol, TemporalityPreference,
};
pub use declared::{declared, instrumented};
#[cfg(feature = "prometheus")]
pub use error::ScrapeError;
pub use error::{InitError, NamesError, NotDelivered, Undelivered};
pub use export::seam::{Component, Exporter, ExporterProvider, PushExporter, Settings};
pub use extension::Extension;
pub use guard::{Delivery, Telemetry};
pub use init::{builder, init};
pub use instrument::{
    Counter, Gauge, Histogram, ObservableCounter, ObservableGauge, ObservableUpDownCounter, Observation, Observer,
    Raised, Summary, UpDownCounter,
};
pub use names::Names;
#[doc = include_str!("instrument_metrics.md")]
pub use phoenix_otel_macros::instrument_metrics;
pub use phoenix_otel_macros::{ErrorType, Label, metrics};
#[cfg(feature = "grpc")]
pub use record::grpc;
#[cfg(feature = "http")]
pub use record::http;
pub use record::{Call, CallSet, Outcome, Verdict, circuit_breaker, measure};
#[cfg(feature = "prometheus")]
pub use serve::Endpoint;
pub use view::{InstrumentKind, View};

pub use opentelemetry;
#[cfg(feature = "prometheus")]
pub use opentelemetry_prometheus;
pub use opentelemetry_sdk;
#[cfg(feature = "prometheus")]
pub use prometheus;
#[cfg(feature = "tower-resilience-circuitbreaker")]
pub use tower_resilience_circuitbreaker;
