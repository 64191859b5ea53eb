//! The SDK's metrics as a request of OTLP: pure, and the same for every transport and for the file.
//!
//! `opentelemetry-proto` does the translation. What it cannot know is added here: exemplars, which this crate keeps beside the SDK, the
//! attributes of a scope as attributes of its points, and the scope's name where several have a metric of one name. Attributes without a key are left out.

mod exemplars;
mod keys;
mod scope;
#[cfg(test)]
mod tests;

pub(crate) use keys::KeylessTold;

use std::collections::BTreeSet;

use crate::exemplar::Exemplars;
use keys::Keyless;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_sdk::metrics::data::ResourceMetrics;

/// The request that carries these metrics, with those exemplars that belong to them; and what had to be left out. `ours` are the names of our metrics
/// in Prometheus.
pub(crate) fn encode(
    metrics: &ResourceMetrics,
    exemplars: &Exemplars,
    ours: &BTreeSet<String>,
) -> (ExportMetricsServiceRequest, Keyless) {
    let mut request = ExportMetricsServiceRequest::from(metrics);
    let owners = scope::Owners::of(metrics, ours);
    // The translation keeps the order of scopes, metrics and points.
    let encoded = request.resource_metrics.iter_mut().flat_map(|resource| &mut resource.scope_metrics);
    for (encoded, scope) in encoded.zip(metrics.scope_metrics()) {
        for (encoded, metric) in encoded.metrics.iter_mut().zip(scope.metrics()) {
            clear_unset_extremes(encoded);
            if let Some(observed) = exemplars.of(scope.scope().name(), metric.name()) {
                exemplars::add(encoded, metric, observed);
            }
            if owners.others(scope.scope(), metric) {
                scope::name_points(encoded, scope.scope());
            }
        }
    }
    for resource in &mut request.resource_metrics {
        scope::join_instruments(&mut resource.scope_metrics);
        resource.scope_metrics.iter_mut().for_each(scope::label_points);
    }
    let keyless = keys::drop_empty(&mut request);
    (request, keyless)
}

/// The SDK gives a histogram that has seen nothing the extremes of its number type, which are no observations.
fn clear_unset_extremes(metric: &mut Metric) {
    match &mut metric.data {
        Some(Data::Histogram(histogram)) => {
            for point in histogram.data_points.iter_mut().filter(|point| point.count == 0) {
                (point.min, point.max) = (None, None);
            }
        }
        Some(Data::ExponentialHistogram(histogram)) => {
            for point in histogram.data_points.iter_mut().filter(|point| point.count == 0) {
                (point.min, point.max) = (None, None);
            }
        }
        _ => {}
    }
}
