//! The definitions of this crate's metrics, one module for each part, and functions to check and list definitions.
//!
//! A metric is one definition ([`MetricDef`]): its OpenTelemetry name, kind, unit, description, labels with their types, bounds and cap.
//! The instrument, its view, the Prometheus name and the documentation come from it. Each metric of this crate is a static in one of
//! these modules, so a test can read it: `scope.value(&edge::REQUESTS, …)`. `docs/metrics.md` lists them all.
//!
//! | to | use |
//! |---|---|
//! | check the metrics that a program declares | [`lint::lint`] |
//! | find functions with unclassified errors or shared names | [`lint::functions`](lint::functions()) |
//! | generate a page of metrics | [`page::markdown`] |
//!
//! # Two kinds of requests, two kinds of methods
//!
//! The metrics of functions count *calls of instrumented functions*: their names contain `requests`, and their label `method` is the name
//! of a function ([`function`](mod@function)). The metrics of the [`edge`] count *requests over HTTP or gRPC*: their label `method` is
//! the HTTP verb, such as `GET`, or the full name of a gRPC method.

pub(crate) mod bounds;
mod call_check;
pub mod circuit_breaker;
pub(crate) mod def;
pub(crate) mod domain;
pub mod edge;
pub(crate) mod error_type;
pub mod function;
pub(crate) mod function_def;
pub(crate) mod labels;
pub mod lint;
pub(crate) mod listing;
mod message;
pub(crate) mod name;
pub(crate) mod naming;
pub mod page;
#[cfg(feature = "process")]
pub mod process;
pub mod sdk;
#[cfg(feature = "tracing")]
pub mod sdk_spans;
pub mod semconv;
pub mod semconv_rpc;
pub(crate) mod taken;
pub(crate) mod text;
pub(crate) mod unit;
pub(crate) mod versions;

pub(crate) use def::MetricDef;
pub use def::{CallDef, DEFAULT_CAP, Kind, MAX_SERIES};
pub(crate) use domain::Domain;
pub(crate) use error_type::ErrorType;
pub use function_def::ErrorNames;
pub(crate) use function_def::FunctionDef;
pub use labels::LabelDef;
pub(crate) use labels::{Label, Labels};
