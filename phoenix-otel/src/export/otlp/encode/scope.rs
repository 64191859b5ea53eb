//! The scopes of a request: ours is one, and attributes of a scope are the labels that a scrape shows.
//!
//! The specification's page "Prometheus and OpenMetrics compatibility" gives each series of a scope the labels `otel_scope_<attribute>`.
//! Receivers do that by themselves only where they are told to, and then not all of them well: without these labels two meters that differ
//! in their attributes alone write one series. So the attributes are sent on the points. They are not sent on the scope as well: the
//! collector's exporter `prometheus` then writes a label twice, and drops the metric for it.

use crate::catalog::name::{SCOPE_PREFIX, is_reserved_of_scope};
use crate::view::{BOUNDS, SCOPE};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, ScopeMetrics};

/// Puts the points of functions that have bounds of their own to the others of their metric. The SDK has them in further scopes, since one of its
/// instruments has one set of bounds; a point of OTLP has its own.
pub(super) fn join_bounds(scopes: &mut Vec<ScopeMetrics>) {
    let (bounded, mut joined): (Vec<_>, Vec<_>) = std::mem::take(scopes).into_iter().partition(has_bounds);
    for mut bounded in bounded {
        if let Some(scope) = &mut bounded.scope {
            scope.attributes.retain(|attribute| attribute.key != BOUNDS);
        }
        match joined.iter_mut().find(|other| other.scope == bounded.scope) {
            Some(ours) => bounded.metrics.into_iter().for_each(|metric| join(&mut ours.metrics, metric)),
            None => joined.push(bounded),
        }
    }
    *scopes = joined;
}

fn has_bounds(metrics: &ScopeMetrics) -> bool {
    let scope = metrics.scope.as_ref().filter(|scope| scope.name == SCOPE);
    scope.is_some_and(|scope| scope.attributes.iter().any(|attribute| attribute.key == BOUNDS))
}

fn join(metrics: &mut Vec<Metric>, metric: Metric) {
    let same = metrics.iter_mut().find(|other| other.name == metric.name);
    match (same.and_then(|same| same.data.as_mut()), metric.data) {
        (Some(Data::Histogram(same)), Some(Data::Histogram(more))) => same.data_points.extend(more.data_points),
        (_, data) => metrics.push(Metric { data, ..metric }),
    }
}

/// Moves the attributes of the scope to its points. A point's own attribute of such a name stays what it is.
pub(super) fn label_points(metrics: &mut ScopeMetrics) {
    let Some(scope) = metrics.scope.as_mut().filter(|scope| !scope.attributes.is_empty()) else { return };
    let stays = |attribute: &KeyValue| attribute.key.is_empty() || is_reserved_of_scope(&attribute.key);
    let (kept, moved) = std::mem::take(&mut scope.attributes).into_iter().partition(stays);
    scope.attributes = kept;
    let moved: Vec<KeyValue> = moved;
    let labels: Vec<KeyValue> = moved
        .into_iter()
        .map(|attribute| KeyValue { key: format!("{SCOPE_PREFIX}{}", attribute.key), ..attribute })
        .collect();
    for attributes in metrics.metrics.iter_mut().flat_map(attributes_of_points) {
        for label in &labels {
            if !attributes.iter().any(|attribute| attribute.key == label.key) {
                attributes.push(label.clone());
            }
        }
    }
}

/// The attributes of each point.
pub(super) fn attributes_of_points(metric: &mut Metric) -> Vec<&mut Vec<KeyValue>> {
    match &mut metric.data {
        Some(Data::Gauge(gauge)) => gauge.data_points.iter_mut().map(|point| &mut point.attributes).collect(),
        Some(Data::Sum(sum)) => sum.data_points.iter_mut().map(|point| &mut point.attributes).collect(),
        Some(Data::Histogram(histogram)) => {
            histogram.data_points.iter_mut().map(|point| &mut point.attributes).collect()
        }
        Some(Data::ExponentialHistogram(histogram)) => {
            histogram.data_points.iter_mut().map(|point| &mut point.attributes).collect()
        }
        Some(Data::Summary(_)) | None => Vec::new(),
    }
}
