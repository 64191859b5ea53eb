//! Encodes the SDK's metrics as an OTLP request. Pure, and the same for every transport and for the file.
//!
//! `opentelemetry-proto` translates the SDK's data. This module adds exemplars, which this crate stores outside the SDK; the attributes of a
//! scope as attributes of its points; and the scope's name if several scopes have a metric of one name. It drops attributes with an empty key.

mod exemplars;
mod keys;
mod scope;
#[cfg(test)]
mod tests;

pub(crate) use keys::EmptyKeyReporter;

use std::collections::BTreeSet;

use crate::exemplar::Exemplars;
use crate::export::switches::SwitchedOff;
use keys::EmptyKeys;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_sdk::metrics::data::ResourceMetrics;

/// The request for these metrics, with their exemplars, and the attributes that were dropped. `ours` are the Prometheus names of our
/// metrics.
pub(crate) fn encode(
    metrics: &ResourceMetrics,
    exemplars: &Exemplars,
    ours: &BTreeSet<String>,
) -> (ExportMetricsServiceRequest, EmptyKeys) {
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
            if owners.is_owned_by_other(scope.scope(), metric) {
                scope::name_points(encoded, scope.scope());
            }
        }
    }
    for resource in &mut request.resource_metrics {
        scope::join_instruments(&mut resource.scope_metrics);
        resource.scope_metrics.iter_mut().for_each(scope::label_points);
    }
    let empty_keys = keys::drop_empty(&mut request);
    (request, empty_keys)
}

/// Removes the metrics that are switched off.
pub(crate) fn remove(request: &mut ExportMetricsServiceRequest, off: &SwitchedOff) {
    for resource in &mut request.resource_metrics {
        for scope in &mut resource.scope_metrics {
            let meter = scope.scope.as_ref().map_or("", |scope| &scope.name);
            scope.metrics.retain(|metric| !off.has(meter, &metric.name));
        }
        resource.scope_metrics.retain(|scope| !scope.metrics.is_empty());
    }
}

/// For a histogram without observations, the SDK sets the extremes to those of the number type, which were never observed.
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
