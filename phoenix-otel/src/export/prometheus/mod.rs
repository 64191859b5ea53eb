//! The Prometheus exposition formats. Pure: a snapshot of metrics in, bytes out, without state or I/O.
//!
//! [`encode`] writes a [`ResourceMetrics`](opentelemetry_sdk::metrics::data::ResourceMetrics), as an SDK reader collects it, in the [text
//! format][text] 0.0.4 or 1.0.0, in [OpenMetrics 1.0.0][openmetrics], or in [protobuf]. [`negotiate`] selects the format and the escaping that a
//! scraper accepts. Names follow `catalog::name`, everything else follows the specification's page on [Prometheus compatibility][spec]. Points that a valid
//! exposition cannot contain are dropped and listed in the [`Report`].
//!
//! - A monotonic sum is a counter, another sum a gauge. An exponential histogram is a native one in protobuf. In text it becomes a classic one
//!   with some of the bounds of its buckets.
//! - A gauge of quantiles and two sums become a summary if they form one in the catalog.
//! - Every sample has the labels `service` and `version` of the resource, unless its point has a label of that name. The whole
//!   resource is on `target_info`.
//! - An empty label value is the same as no label ([data model][model]), so it is not written.
//! - Families are sorted by name, and the samples of a family by their labels.
//! - In OpenMetrics, a family that the strict format forbids (a histogram with negative numbers, a counter whose name lacks `_total`) has
//!   the type `unknown` and the same samples. So both formats have the same series.
//!
//! [text]: https://prometheus.io/docs/instrumenting/exposition_formats/
//! [openmetrics]: https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
//! [protobuf]: https://github.com/prometheus/client_model/blob/v0.6.3/io/prometheus/client/metrics.proto
//! [spec]: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
//! [model]: https://prometheus.io/docs/concepts/data_model/

mod buckets;
mod collect;
mod encoder;
mod exemplar;
mod exponential;
mod foreign;
mod format;
mod labels;
mod names;
pub mod negotiate;
mod number;
mod plan;
mod point;
mod protobuf;
mod report;
mod samples;
mod summary;
mod text;
mod wire;

pub use crate::exemplar::Exemplars;
pub use encoder::{Input, ZeroHistogram, encode};
pub use foreign::{ForeignFamily, ForeignKind, ForeignSeries, ForeignValue};
pub use format::{Format, MediaType};
pub use names::{Escaping, Names};
pub use report::{DropReason, Dropped, Report};
pub use summary::SummaryInstrument;

#[cfg(test)]
mod tests;
