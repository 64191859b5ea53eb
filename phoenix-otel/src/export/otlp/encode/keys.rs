//! Attributes without a key, for which Prometheus refuses a whole request, however often it is sent again.
//!
//! They are left out. Series that nothing else tells apart are one then: what adds up is added up, and of other points one is kept.

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
use crate::export::watch::{DropReason, Watch};
use crate::lock::lock;
use crate::report::report;

/// The metric that the attributes of a resource are in Prometheus.
const RESOURCE: &str = "target_info";

/// How many attributes of each metric were left out.
pub(crate) type Keyless = BTreeMap<String, u64>;

/// Who is told of them: all are counted, and the first of a metric is reported.
#[derive(Debug)]
pub(crate) struct KeylessTold {
    watch: Arc<dyn Watch>,
    reported: Mutex<HashSet<String>>,
}

impl KeylessTold {
    pub(crate) fn to(watch: Arc<dyn Watch>) -> Self {
        Self { watch, reported: Mutex::default() }
    }

    pub(crate) fn tell(&self, keyless: Keyless) {
        for (metric, attributes) in keyless {
            self.watch.dropped(&metric, DropReason::Key, attributes);
            if lock(&self.reported).insert(metric.clone()) {
                report!(
                    WARN,
                    { metric, attributes },
                    "attributes with an empty key are left out of what is exported by OTLP, since receivers refuse the whole request for them; \
                     phoenix_otel_dropped_total counts them"
                );
            }
        }
    }
}

/// Leaves them out.
pub(super) fn drop_empty(request: &mut ExportMetricsServiceRequest) -> Keyless {
    let mut keyless = Keyless::new();
    for resource in &mut request.resource_metrics {
        let cleared = resource.resource.as_mut().map_or(0, |resource| clear(&mut resource.attributes));
        note(&mut keyless, RESOURCE, cleared);
        let are_joined = drop_of_scopes(&mut resource.scope_metrics, &mut keyless);
        for metric in resource.scope_metrics.iter_mut().flat_map(|scope| &mut scope.metrics) {
            drop_of_points(metric, are_joined, &mut keyless);
        }
    }
    keyless
}

fn note(keyless: &mut Keyless, metric: &str, attributes: u64) {
    if attributes > 0 {
        *keyless.entry(metric.to_owned()).or_default() += attributes;
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

/// Clears those of scopes, and joins scopes that are the same without them. Whether there were any.
fn drop_of_scopes(scopes: &mut Vec<ScopeMetrics>, keyless: &mut Keyless) -> bool {
    let mut is_cleared = false;
    for metrics in scopes.iter_mut() {
        let cleared = metrics.scope.as_mut().map_or(0, |scope| clear(&mut scope.attributes));
        metrics.metrics.iter().for_each(|metric| note(keyless, &metric.name, cleared));
        is_cleared |= cleared > 0;
    }
    if is_cleared {
        let all = std::mem::take(scopes);
        all.into_iter().for_each(|metrics| scope::add(scopes, metrics));
    }
    is_cleared
}

/// Clears those of points. `are_joined`: points of several scopes may have become one series.
fn drop_of_points(metric: &mut Metric, are_joined: bool, keyless: &mut Keyless) {
    let is_clean = |attributes: &mut Vec<KeyValue>| !has_empty(attributes);
    if !are_joined && scope::attributes_of_points(metric).into_iter().all(is_clean) {
        return;
    }
    let left_out = match &mut metric.data {
        Some(Data::Sum(sum)) => merge(&mut sum.data_points, add_numbers),
        Some(Data::Histogram(histogram)) => merge(&mut histogram.data_points, add_histograms),
        Some(Data::Gauge(gauge)) => merge(&mut gauge.data_points, |_, _| false),
        Some(Data::ExponentialHistogram(histogram)) => merge(&mut histogram.data_points, |_, _| false),
        Some(Data::Summary(_)) | None => 0,
    };
    note(keyless, &metric.name, left_out);
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

/// Clears the attributes of points, and puts points of one series together by `add`, which may refuse. Yields how many attributes and points
/// were left out.
fn merge<P: Point>(points: &mut Vec<P>, add: impl Fn(&mut P, &P) -> bool) -> u64 {
    // They come in the order of a hash table, by which the one that is kept would be another one in each export.
    points.sort_by_cached_key(|point| identity(point.attributes()));
    let (mut left_out, mut places) = (0, HashMap::new());
    let mut kept: Vec<P> = Vec::with_capacity(points.len());
    for mut point in points.drain(..) {
        left_out += clear(point.attributes_mut());
        match places.entry(identity(point.attributes())) {
            Entry::Occupied(place) => left_out += u64::from(!add(&mut kept[*place.get()], &point)),
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(point);
            }
        }
    }
    *points = kept;
    left_out
}

/// What tells a series from others: its attributes, in whatever order.
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
