//! The SDK's metrics as a request of OTLP: pure, and the same for every transport and for the file.
//!
//! `opentelemetry-proto` does the translation. What it cannot know is added here: exemplars, which this crate keeps beside the SDK, and the
//! attributes of a scope as attributes of its points. Attributes without a key are left out.

mod exemplars;
mod keys;
mod scope;
#[cfg(test)]
mod tests;

use crate::exemplar::Exemplars;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_sdk::metrics::data::ResourceMetrics;

/// The request that carries these metrics, with those exemplars that belong to them.
pub(crate) fn encode(metrics: &ResourceMetrics, exemplars: &Exemplars) -> ExportMetricsServiceRequest {
    let mut request = ExportMetricsServiceRequest::from(metrics);
    // The translation keeps the order of scopes, metrics and points.
    let encoded = request.resource_metrics.iter_mut().flat_map(|resource| &mut resource.scope_metrics);
    for (encoded, scope) in encoded.zip(metrics.scope_metrics()) {
        for (encoded, metric) in encoded.metrics.iter_mut().zip(scope.metrics()) {
            clear_unset_extremes(encoded);
            if let Some(observed) = exemplars.of(scope.scope().name(), metric.name()) {
                exemplars::add(encoded, metric, observed);
            }
        }
    }
    for resource in &mut request.resource_metrics {
        scope::join_bounds(&mut resource.scope_metrics);
        resource.scope_metrics.iter_mut().for_each(scope::label_points);
    }
    keys::drop_empty(&mut request);
    request
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
