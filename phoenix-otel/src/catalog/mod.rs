//! What can be measured: definitions only.
//!
//! A metric is one record ([`MetricDef`]): its OpenTelemetry name, kind, unit, description, labels with their
//! types, bounds and cap. From it come the instrument, its view, the Prometheus name and the documentation.

pub(crate) mod bounds;
mod call_check;
pub mod circuit_breaker;
pub mod def;
pub mod domain;
pub mod edge;
pub mod error_type;
pub mod function;
mod function_def;
pub mod labels;
pub mod lint;
pub(crate) mod listing;
mod message;
pub mod name;
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

pub use def::{CallDef, Kind, MetricDef};
pub use domain::Domain;
pub use error_type::ErrorType;
pub use function_def::{ErrorNames, FunctionDef};
pub use labels::{Label, LabelDef, Labels};
