//! Drops attributes with an empty key. Prometheus rejects a whole request that contains one, and a retry fails in the same way.
//!
//! Series that differ only in such attributes are merged: sums are added up; of other points one is kept and the rest is dropped.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, ScopeMetrics,
};

use super::scope;
use crate::export::monitor::{DropReason, ExportMonitor};
use crate::lock::lock;
use crate::report::report;

/// The metric that holds the resource attributes in Prometheus.
const RESOURCE: &str = "target_info";

/// The number of dropped attributes of each metric.
pub(crate) type EmptyKeys = BTreeMap<String, u64>;

/// Reports dropped attributes: all are counted, and the first of each metric is logged.
#[derive(Debug)]
pub(crate) struct EmptyKeyReporter {
    monitor: Arc<dyn ExportMonitor>,
    reported: Mutex<HashSet<String>>,
}

impl EmptyKeyReporter {
    pub(crate) fn new(monitor: Arc<dyn ExportMonitor>) -> Self {
        Self { monitor, reported: Mutex::default() }
    }

    pub(crate) fn report(&self, empty_keys: EmptyKeys) {
        for (metric, attributes) in empty_keys {
            self.monitor.dropped(&metric, DropReason::Key, attributes);
            if lock(&self.reported).insert(metric.clone()) {
                report!(
                    WARN,
                    { metric, attributes },
                    "attributes with an empty key are dropped from OTLP exports, because receivers reject the whole request for them; \
                     phoenix_otel_dropped_total counts them"
                );
            }
        }
    }
}

/// Drops all attributes with an empty key.
pub(super) fn drop_empty(request: &mut ExportMetricsServiceRequest) -> EmptyKeys {
    let mut empty_keys = EmptyKeys::new();
    for resource in &mut request.resource_metrics {
        let cleared = resource.resource.as_mut().map_or(0, |resource| clear(&mut resource.attributes));
        note(&mut empty_keys, RESOURCE, cleared);
        let are_joined = drop_of_scopes(&mut resource.scope_metrics, &mut empty_keys);
        for metric in resource.scope_metrics.iter_mut().flat_map(|scope| &mut scope.metrics) {
            drop_of_points(metric, are_joined, &mut empty_keys);
        }
    }
    empty_keys
}

fn note(empty_keys: &mut EmptyKeys, metric: &str, attributes: u64) {
    if attributes > 0 {
        *empty_keys.entry(metric.to_owned()).or_default() += attributes;
    }
}

fn has_empty(attributes: &[KeyValue]) -> bool {
    attributes.iter().any(|attribute| attribute.key.is_empty())
}

fn clear(attributes: &mut Vec<KeyValue>) -> u64 {
    let before = attributes.len();
    attributes.retain(|attribute| !attribute.key.is_empty());
    (before - attributes.len()) as u64
}

/// Drops attributes of scopes, and joins scopes that have become equal. Returns whether any were dropped.
fn drop_of_scopes(scopes: &mut Vec<ScopeMetrics>, empty_keys: &mut EmptyKeys) -> bool {
    let mut is_cleared = false;
    for metrics in scopes.iter_mut() {
        let cleared = metrics.scope.as_mut().map_or(0, |scope| clear(&mut scope.attributes));
        metrics.metrics.iter().for_each(|metric| note(empty_keys, &metric.name, cleared));
        is_cleared |= cleared > 0;
    }
    if is_cleared {
        let all = std::mem::take(scopes);
        all.into_iter().for_each(|metrics| scope::add(scopes, metrics));
    }
    is_cleared
}

/// Drops attributes of points. `are_joined` is true if points of several scopes may have become one series.
fn drop_of_points(metric: &mut Metric, are_joined: bool, empty_keys: &mut EmptyKeys) {
    let is_clean = |attributes: &mut Vec<KeyValue>| !has_empty(attributes);
    if !are_joined && scope::attributes_of_points(metric).into_iter().all(is_clean) {
        return;
    }
    let dropped = match &mut metric.data {
        Some(Data::Sum(sum)) => merge(&mut sum.data_points, add_numbers),
        Some(Data::Histogram(histogram)) => merge(&mut histogram.data_points, add_histograms),
        Some(Data::Gauge(gauge)) => merge(&mut gauge.data_points, |_, _| false),
        Some(Data::ExponentialHistogram(histogram)) => merge(&mut histogram.data_points, |_, _| false),
        Some(Data::Summary(_)) | None => 0,
    };
    note(empty_keys, &metric.name, dropped);
}

trait Point {
    fn attributes(&self) -> &[KeyValue];
    fn attributes_mut(&mut self) -> &mut Vec<KeyValue>;
}

macro_rules! points {
    ($($point:ty),*) => {$(
        impl Point for $point {
            fn attributes(&self) -> &[KeyValue] {
                &self.attributes
            }

            fn attributes_mut(&mut self) -> &mut Vec<KeyValue> {
                &mut self.attributes
            }
        }
    )*};
}

points!(NumberDataPoint, HistogramDataPoint, ExponentialHistogramDataPoint);

/// Drops attributes of points, and merges points that have become one series with `add`. If `add` fails, the later point is dropped. Returns
/// the number of dropped attributes and points.
fn merge<P: Point>(points: &mut Vec<P>, add: impl Fn(&mut P, &P) -> bool) -> u64 {
    // The points come in the order of a hash table, so without sorting each export would keep a different one.
    points.sort_by_cached_key(|point| identity(point.attributes()));
    let (mut dropped, mut places) = (0, HashMap::new());
    let mut kept: Vec<P> = Vec::with_capacity(points.len());
    for mut point in points.drain(..) {
        dropped += clear(point.attributes_mut());
        match places.entry(identity(point.attributes())) {
            Entry::Occupied(place) => dropped += u64::from(!add(&mut kept[*place.get()], &point)),
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(point);
            }
        }
    }
    *points = kept;
    dropped
}

/// Identifies a series: its attributes in a fixed order.
fn identity(attributes: &[KeyValue]) -> String {
    let mut sorted: Vec<&KeyValue> = attributes.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    format!("{sorted:?}")
}

fn add_numbers(total: &mut NumberDataPoint, more: &NumberDataPoint) -> bool {
    total.value = match (total.value, more.value) {
        (Some(Value::AsInt(total)), Some(Value::AsInt(more))) => Some(Value::AsInt(total.saturating_add(more))),
        (Some(Value::AsDouble(total)), Some(Value::AsDouble(more))) => Some(Value::AsDouble(total + more)),
        _ => return false,
    };
    total.start_time_unix_nano = total.start_time_unix_nano.min(more.start_time_unix_nano);
    true
}

fn add_histograms(total: &mut HistogramDataPoint, more: &HistogramDataPoint) -> bool {
    if total.explicit_bounds != more.explicit_bounds || total.bucket_counts.len() != more.bucket_counts.len() {
        return false;
    }
    total.bucket_counts.iter_mut().zip(&more.bucket_counts).for_each(|(total, more)| *total += more);
    total.count += more.count;
    total.sum = total.sum.zip(more.sum).map(|(total, more)| total + more);
    total.min = total.min.into_iter().chain(more.min).reduce(f64::min);
    total.max = total.max.into_iter().chain(more.max).reduce(f64::max);
    total.start_time_unix_nano = total.start_time_unix_nano.min(more.start_time_unix_nano);
    true
}
