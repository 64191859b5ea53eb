//! OpenTelemetry-first metrics for Rust services: one [`init`](init()) and one attribute. Prometheus has the same series and values whether it
//! scrapes the service or the service pushes over OTLP.
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
//!     telemetry.shutdown(); // exports the last values, and logs what cannot be delivered
//!     Ok(())
//! }
//! ```
//!
//! [`init`](init()) reads the `OTEL_*` variables, or a configuration file. [`builder`] takes settings in code. [`init!`](crate::init!) uses the name and the version of the
//! calling package. `init`, `init!` and `Builder::init` return a [`Telemetry`]. Keep it until the service ends: its shutdown exports the last values.
//!
//! # In a library, or for code that is not a function
//!
//! [`metrics!`] declares metrics and call sets with labels that the compiler checks. [`measure`] measures a future, and [`Call`] measures any
//! other operation. A library does not call `init`: its declarations are collected at link time. They are no-ops in a program that never calls
//! `init`. Metrics that only some services of an organisation need belong to a [`Domain`], which an [`Extension`] activates.
//!
//! # Features
//!
//! Features are additive. The default features are `prometheus`, `page`, `otlp-http`, `http` and `signal`.
//!
//! | feature | what it adds |
//! |---|---|
//! | none | everything that a library needs: [`#[instrument_metrics]`](instrument_metrics), [`metrics!`], [`Label`], [`ErrorType`], [`measure`], [`Call`]; without the SDK and Tokio |
//! | `sdk` | [`init`](init()), the console exporter, and custom exporters and readers; every exporter feature enables it |
//! | `prometheus` | the scrape endpoint and the text formats |
//! | `page` | the live page at `/` of the endpoint, by default on loopback and behind authentication; see [`Page`] |
//! | `otlp-http` | OTLP over HTTP |
//! | `otlp-grpc` | OTLP over gRPC |
//! | `otlp-file` | [`OtlpFile`], OTLP as JSON lines |
//! | `tls` | OTLP to `https`, with rustls and ring, unless the process installs another crypto provider |
//! | `tls-no-provider` | the same without ring: the process must install a crypto provider |
//! | `web-config` | TLS and authentication of the scrape endpoint, see [`Prometheus`]. Its TLS needs `tls` or `tls-no-provider`, too |
//! | `config-file` | OpenTelemetry's configuration file: `OTEL_CONFIG_FILE`, `Builder::config_file`, `Telemetry::reload` |
//! | `prometheus-bridge` | exports metrics of the `prometheus` crate at our endpoint, and our metrics in its registry |
//! | `http` | `tower` layers for HTTP, and call outcomes from types of the crate `http` |
//! | `axum` | the HTTP layer uses the route templates of axum 0.8 |
//! | `actix-web` | call outcomes from types of actix-web 4 |
//! | `grpc` | `tower` layers for gRPC, and call outcomes from types of the crate `tonic` |
//! | `tower-resilience-circuitbreaker` | metrics of the circuit breakers of that crate, see [`circuit_breaker`] |
//! | `tracing` | spans over OTLP, log lines with trace IDs, and exemplars. It sets the global subscriber: see `Telemetry::tracing_layer` |
//! | `process` | metrics of the process and its Tokio runtime |
//! | `signal` | [`signal::wait`](crate::signal::wait()) waits for SIGTERM or Ctrl-C |
//! | `testing` | [`testing`]: each test records in isolation and reads values as numbers. Enable it in a dev-dependency |
//! | `platform` | the metrics of a platform for language models, as domains that [`Builder::with`] activates |
//!
//! A library depends on this crate with `default-features = false`. Cargo unifies features over a program, so the metrics of the library are
//! exported if the program enables an exporter feature and its `main` calls [`init`](init()). If the configuration selects something that is not
//! compiled in, the warning or error names the missing feature. A variable of traces without the feature `tracing` only causes a warning, also in a
//! strict service, because another SDK may export the spans.
//!
//! # Versions
//!
//! The OpenTelemetry crates are re-exported. Metrics that are recorded with the global meters of [`opentelemetry`] are exported, too. Use the
//! re-exports: if a program links another version of `opentelemetry`, the values recorded with that version are silently lost.

#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg(hide(target_family = "wasm"))))]
#![warn(missing_debug_implementations)]
#![cfg_attr(
    any(not(feature = "sdk"), target_family = "wasm"),
    allow(dead_code, unreachable_pub, unused_imports, reason = "only `init` uses them")
)]

#[cfg(all(target_family = "wasm", any(feature = "sdk", feature = "signal", feature = "grpc", feature = "actix-web")))]
compile_error!(
    "phoenix-otel supports Linux, macOS and Windows, but not WebAssembly, which has no threads and no sockets. \
     A library for WebAssembly must use `default-features = false` and neither `grpc` nor `actix-web`: its metrics are no-ops there."
);

extern crate self as phoenix_otel;

// The API for libraries, without the SDK.

#[doc(hidden)]
pub mod __private;
mod callbacks;
pub mod catalog;
#[cfg_attr(
    not(all(
        feature = "prometheus",
        feature = "otlp-http",
        feature = "otlp-grpc",
        feature = "otlp-file",
        feature = "tls-no-provider",
        feature = "tracing"
    )),
    allow(dead_code, unused_imports, reason = "settings of features that are off are not read")
)]
mod config;
mod declared;
mod error;
#[cfg_attr(
    not(any(feature = "prometheus", feature = "otlp-http", feature = "otlp-grpc", feature = "otlp-file")),
    allow(dead_code, unused_imports, reason = "only the endpoint and OTLP export exemplars")
)]
#[cfg_attr(
    not(feature = "prometheus"),
    allow(unreachable_pub, reason = "only the encoder of the exposition exports them")
)]
mod exemplar;
mod extension;
mod instrument;
mod lock;
mod names;
#[cfg(feature = "platform")]
pub mod platform;
mod record;
mod report;
#[cfg(all(feature = "signal", not(target_family = "wasm")))]
pub mod signal;
mod sort;
#[cfg(any(feature = "http", feature = "prometheus"))]
#[cfg_attr(
    not(all(feature = "http", feature = "prometheus")),
    allow(dead_code, reason = "the endpoint sets it, the layer reads it")
)]
mod unmeasured;
mod view;

pub use catalog::def::MetricDef;
pub use catalog::domain::Domain;
pub use catalog::error_type::ErrorType;
pub use catalog::function::status::Status;
pub use catalog::function_def::FunctionDef;
pub use catalog::labels::{Label, Labels};
pub use config::{ConfigValue, ExtensionSettings, FileLocation, Origin, Problem, ProblemKind};
pub use declared::{declared, instrumented};
pub use error::NamesError;
pub use extension::Extension;
pub use instrument::{
    Counter, CounterValue, Gauge, Histogram, IncrementGuard, ObservableCounter, ObservableGauge,
    ObservableUpDownCounter, Observation, Observer, Summary, Timer, UpDownCounter,
};
pub use names::Names;
#[doc = include_str!("error_type.md")]
pub use phoenix_otel_macros::ErrorType;
#[doc = include_str!("label.md")]
pub use phoenix_otel_macros::Label;
#[doc = include_str!("instrument_metrics.md")]
pub use phoenix_otel_macros::instrument_metrics;
#[doc = include_str!("metrics.md")]
pub use phoenix_otel_macros::metrics;
#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
pub use record::grpc;
pub use record::{
    BoundCallSet, Call, CallSet, CallTarget, LabelledCallSet, Measured, Outcome, Verdict, circuit_breaker, measure,
};
#[cfg(feature = "http")]
pub use record::{http, layer};
#[cfg(all(feature = "config-file", not(target_family = "wasm")))]
pub use {config::file::ConfigNode, error::ReloadError, reload::Reload};

pub use opentelemetry;
#[cfg(feature = "tower-resilience-circuitbreaker")]
pub use tower_resilience_circuitbreaker;

// The API for programs: the SDK and the exporters.

#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
mod builder;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
mod export;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
mod guard;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
mod init;
#[cfg(all(feature = "prometheus", not(target_family = "wasm")))]
#[cfg_attr(not(feature = "page"), path = "page/off.rs")]
#[cfg_attr(not(feature = "page"), allow(dead_code, reason = "the page is off"))]
mod page;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
#[cfg_attr(not(feature = "page"), path = "page_data/off.rs")]
mod page_data;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
mod pipeline;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
#[cfg_attr(not(feature = "config-file"), path = "reload/off.rs")]
mod reload;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
mod self_metrics;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
#[cfg_attr(not(feature = "prometheus"), path = "serve/off.rs")]
mod serve;
#[cfg(all(feature = "testing", not(target_family = "wasm")))]
pub mod testing;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
#[cfg_attr(not(feature = "tracing"), path = "traces/off.rs")]
mod traces;

#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
pub use {
    builder::Builder,
    config::options::{ClientAuth, Console, Otlp, OtlpFile, Page, Prometheus, ServerTls, TlsVersion, Translation},
    config::{
        Compression, EffectiveConfig, EffectiveValue, ExemplarFilter, HistogramAggregation, LogLevel, Problems,
        Protocol, ResourceDetector, TemporalityPreference,
    },
    error::{DeliveryError, InitError, MetricProblem, MetricProblemKind, Signal, Undelivered},
    export::plugin::{
        Component, ExportFailure, ExportKind, Exporter, ExporterHealth, ExporterProvider, ExporterSettings,
        ExporterState, Health, PushExporter,
    },
    guard::{Delivery, Telemetry},
    init::{builder, init},
    view::{InstrumentKind, View, ViewProblem, ViewProblemKind},
};

#[cfg(all(feature = "tracing", not(target_family = "wasm")))]
pub use config::{Propagator, Sampler, SpanLimits, TracesExporter};
#[cfg(all(feature = "prometheus", not(target_family = "wasm")))]
pub use error::ScrapeError;
#[cfg(all(feature = "prometheus", not(target_family = "wasm")))]
pub use serve::Endpoint;

#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
pub use opentelemetry_sdk;
#[cfg(all(feature = "prometheus-bridge", not(target_family = "wasm")))]
pub use prometheus;
