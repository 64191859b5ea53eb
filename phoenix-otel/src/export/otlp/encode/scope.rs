//! The scopes of a request: our metrics are in a single scope, and the attributes of a scope become labels, as in a scrape.
//!
//! The specification's page "Prometheus and OpenMetrics compatibility" gives each series of a scope the labels `otel_scope_<attribute>`.
//! Receivers add these labels only if they are configured to, and some add them incorrectly. Without the labels, two meters that differ only in
//! their attributes write one series. So the attributes are sent on the points. They are not sent on the scope as well, because the collector's
//! exporter `prometheus` would then write a label twice and drop the metric.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::name::{SCOPE_PREFIX, is_reserved_of_scope, label_name, prometheus_name};
use crate::export::kind::kind_of;
use crate::export::scopes::Library;
use crate::view::{SCOPE, is_internal_attribute};
use opentelemetry::InstrumentationScope;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, ScopeMetrics};
use opentelemetry_sdk::metrics::data::{self, ResourceMetrics};

/// The owner of each Prometheus name that a foreign library uses.
pub(super) struct Owners<'a>(BTreeMap<String, Library<'a>>);

impl<'a> Owners<'a> {
    /// `ours` are the names of our metrics.
    pub(super) fn of(metrics: &'a ResourceMetrics, ours: &BTreeSet<String>) -> Self {
        let mut owners = BTreeMap::new();
        let mut scopes: Vec<_> = metrics.scope_metrics().map(|scope| (Library::of(scope.scope()), scope)).collect();
        // If every scope is ours, no name has two owners.
        if scopes.iter().all(|(library, _)| *library == Library::Ours) {
            return Self(owners);
        }
        crate::sort::by(&mut scopes, |(a, _), (b, _)| a.cmp(b));
        for (library, scope) in scopes {
            for metric in scope.metrics() {
                let name = in_prometheus(metric);
                let library = if ours.contains(&name) { Library::Ours } else { library };
                owners.entry(name).or_insert(library);
            }
        }
        Self(owners)
    }

    /// Whether another library owns the name of this scope's metric.
    pub(super) fn is_owned_by_other(&self, scope: &InstrumentationScope, metric: &data::Metric) -> bool {
        let library = Library::of(scope);
        library != Library::Ours && self.0.get(&in_prometheus(metric)).is_some_and(|owner| *owner != library)
    }
}

fn in_prometheus(metric: &data::Metric) -> String {
    prometheus_name(metric.name(), metric.unit(), kind_of(metric).0)
}

/// Adds the name of the scope to each point of the metric.
pub(super) fn name_points(metric: &mut Metric, scope: &InstrumentationScope) {
    let labels: Vec<KeyValue> = Library::of(scope)
        .labels()
        .map(|(key, value)| KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue { value: Some(Value::StringValue(value.to_owned())) }),
            ..KeyValue::default()
        })
        .collect();
    attributes_of_points(metric).into_iter().for_each(|attributes| label(attributes, &labels));
}

/// Adds the labels. An attribute of the point that becomes the same label in Prometheus takes precedence, unless it is empty: an empty
/// label is the same as no label.
fn label(attributes: &mut Vec<KeyValue>, labels: &[KeyValue]) {
    let own = attributes.len();
    for label in labels {
        let name = label_name(&label.key);
        match attributes[..own].iter_mut().find(|attribute| label_name(&attribute.key) == name) {
            Some(attribute) if is_empty(attribute) => *attribute = label.clone(),
            Some(_) => {}
            None => attributes.push(label.clone()),
        }
    }
}

fn is_empty(attribute: &KeyValue) -> bool {
    match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.is_empty(),
        Some(_) => false,
        None => true,
    }
}

/// Joins the points of a metric of ours. The SDK has them in separate scopes, because an SDK instrument has one set of bounds and at most
/// `PART_SERIES` series.
pub(super) fn join_instruments(scopes: &mut Vec<ScopeMetrics>) {
    let (further, mut joined): (Vec<_>, Vec<_>) = std::mem::take(scopes).into_iter().partition(is_further);
    for mut further in further {
        if let Some(scope) = &mut further.scope {
            scope.attributes.retain(|attribute| !is_internal_attribute(&attribute.key));
        }
        add(&mut joined, further);
    }
    *scopes = joined;
}

/// Whether this is a further scope of ours.
fn is_further(metrics: &ScopeMetrics) -> bool {
    let scope = metrics.scope.as_ref().filter(|scope| scope.name == SCOPE);
    scope.is_some_and(|scope| scope.attributes.iter().any(|attribute| is_internal_attribute(&attribute.key)))
}

/// Adds the metrics of a scope. They are joined with those of an equal scope, if there is one.
pub(super) fn add(scopes: &mut Vec<ScopeMetrics>, more: ScopeMetrics) {
    let is_same = |other: &&mut ScopeMetrics| (&other.scope, &other.schema_url) == (&more.scope, &more.schema_url);
    match scopes.iter_mut().find(is_same) {
        Some(same) => more.metrics.into_iter().for_each(|metric| join(&mut same.metrics, metric)),
        None => scopes.push(more),
    }
}

fn join(metrics: &mut Vec<Metric>, metric: Metric) {
    let same = metrics.iter_mut().find(|other| other.name == metric.name);
    match (same.and_then(|same| same.data.as_mut()), metric.data) {
        (Some(Data::Gauge(same)), Some(Data::Gauge(more))) => same.data_points.extend(more.data_points),
        (Some(Data::Sum(same)), Some(Data::Sum(more))) if same.is_monotonic == more.is_monotonic => {
            same.data_points.extend(more.data_points);
        }
        (Some(Data::Histogram(same)), Some(Data::Histogram(more))) => same.data_points.extend(more.data_points),
        (Some(Data::ExponentialHistogram(same)), Some(Data::ExponentialHistogram(more))) => {
            same.data_points.extend(more.data_points);
        }
        (_, data) => metrics.push(Metric { data, ..metric }),
    }
}

/// Moves the attributes of the scope to its points.
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
        label(attributes, &labels);
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
