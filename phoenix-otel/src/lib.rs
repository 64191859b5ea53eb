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
//! Each only adds. On by default are `prometheus`, `page`, `otlp-http`, `http` and `signal`.
//!
//! | feature | what it adds |
//! |---|---|
//! | none | what a library needs: [`#[instrument_metrics]`](instrument_metrics), [`metrics!`], [`Label`], [`ErrorType`], [`measure`], [`Call`]; neither the SDK nor Tokio |
//! | `sdk` | [`init`](init()), the console, and exporters and readers of a service's own; it is on with each exporter |
//! | `prometheus` | the scrape endpoint and the text formats |
//! | `page` | the live page at `/` of the endpoint, on loopback; see [`Page`] |
//! | `otlp-http` | the push by OTLP over HTTP |
//! | `otlp-grpc` | the push by OTLP over gRPC |
//! | `otlp-file` | [`OtlpFile`], OTLP as lines of JSON |
//! | `tls` | a push to `https`, by rustls, with ring unless the process has installed a provider of cryptography |
//! | `tls-no-provider` | the same without ring: the process has to install a provider |
//! | `prometheus-bridge` | metrics of the `prometheus` crate on our endpoint, and ours in its registry |
//! | `http` | outcomes of the types of the crate `http`, and `tower` layers for HTTP |
//! | `axum` | the layer for HTTP finds the routes of an axum 0.8 router |
//! | `actix-web` | outcomes of what actix-web 4 returns |
//! | `grpc` | outcomes of the types of the crate `tonic`, and `tower` layers for gRPC |
//! | `tower-resilience-circuitbreaker` | the breakers of that crate tell [`circuit_breaker`] of their changes |
//! | `tracing` | spans by OTLP, lines of the log with their trace, and exemplars. It sets the global subscriber: see `Telemetry::tracing_layer` |
//! | `process` | metrics of the process and its Tokio runtime |
//! | `signal` | [`signal::wait`](crate::signal::wait()), until SIGTERM or Ctrl-C |
//! | `testing` | [`testing`], for tests: recording that is isolated in each test, and read as numbers. A dev-dependency has it |
//! | `platform` | the metrics of a platform around language models, as domains that [`Builder::with`] activates |
//!
//! A library that records depends on this crate with `default-features = false`. Cargo unites features over a program, so what such a library records
//! is exported once the program's own manifest has an exporter and its `main` calls [`init`](init()). What the configuration asks for and was not
//! built in is a problem that names the feature; of `OTEL_TRACES_EXPORTER` it is a warning, since a service may export its spans by itself.
//!
//! # Versions
//!
//! The OpenTelemetry crates are re-exported, and what a service records through [`opentelemetry`]'s global meters is exported, too. A program that has two
//! versions of `opentelemetry` loses what is recorded by the other one, silently: use these.

#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg(hide(target_family = "wasm"))))]
#![warn(missing_debug_implementations)]
#![cfg_attr(
    any(not(feature = "sdk"), target_family = "wasm"),
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "`init` alone uses them, which the program has if any of its crates asks for it"
    )
)]

#[cfg(all(target_family = "wasm", any(feature = "sdk", feature = "signal", feature = "grpc", feature = "actix-web")))]
compile_error!(
    "phoenix-otel runs on Linux, macOS and Windows, and not on WebAssembly, which has neither threads nor sockets. \
     A library that is compiled for it takes `default-features = false`, and neither `grpc` nor `actix-web`: its metrics then record nothing there."
);

extern crate self as phoenix_otel;

// What a library needs, without the SDK.

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
    allow(dead_code, reason = "one side sets it, the other reads it")
)]
mod unmeasured;
mod view;

pub use catalog::def::MetricDef;
pub use catalog::domain::Domain;
pub use catalog::error_type::ErrorType;
pub use catalog::function::status::Status;
pub use catalog::function_def::FunctionDef;
pub use catalog::labels::{Label, Labels};
pub use config::{ExtensionSettings, Problem};
pub use declared::{declared, instrumented};
pub use error::NamesError;
pub use extension::Extension;
pub use instrument::{
    Counter, Gauge, Histogram, ObservableCounter, ObservableGauge, ObservableUpDownCounter, Observation, Observer,
    Raised, Summary, Timer, UpDownCounter,
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
pub use record::{Bound, Call, CallSet, Labelled, Measured, Outcome, Target, Verdict, circuit_breaker, measure};
#[cfg(feature = "http")]
pub use record::{http, layer};

pub use opentelemetry;
#[cfg(feature = "tower-resilience-circuitbreaker")]
pub use tower_resilience_circuitbreaker;

// What a program runs with: the SDK, and what exports.

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
#[cfg_attr(not(feature = "page"), allow(dead_code, reason = "there is no page to ask for"))]
mod page;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
#[cfg_attr(not(feature = "page"), path = "page_data/off.rs")]
mod page_data;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
mod pipeline;
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
    config::given::{Console, Otlp, OtlpFile, Page, Prometheus},
    config::{Compression, HistogramAggregation, Problems, Protocol, ResourceDetector, TemporalityPreference},
    error::{InitError, MetricProblem, NotDelivered, Signal, Undelivered, ViewProblem},
    export::plugin::{
        Component, ExportFailure, Exporter, ExporterHealth, ExporterProvider, ExporterState, Exports, Health,
        PushExporter, Settings,
    },
    guard::{Delivery, Telemetry},
    init::{builder, init},
    view::{InstrumentKind, View},
};

#[cfg(all(feature = "tracing", not(target_family = "wasm")))]
pub use config::TracesExporter;
#[cfg(all(feature = "prometheus", not(target_family = "wasm")))]
pub use error::ScrapeError;
#[cfg(all(feature = "prometheus", not(target_family = "wasm")))]
pub use serve::Endpoint;

#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
pub use opentelemetry_sdk;
#[cfg(all(feature = "prometheus-bridge", not(target_family = "wasm")))]
pub use prometheus;
