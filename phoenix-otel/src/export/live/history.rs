//! The history: values of each collection, of the metrics in `tracked`. Series that do not fit are skipped.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::metrics::data::{Metric, ResourceMetrics};

use super::points::{Value, bounds, each_metric, each_point};
use super::ring::Ring;
use super::tracked::Tracked;
use crate::catalog::name::label_name;
use crate::export::switches::SwitchedOff;
use crate::sort;
use crate::view::{BOUNDS, SCOPE, Streams};

/// The limit on the bytes of frames.
const FRAME_BYTES: usize = 640 * 1024;
/// The limit on the bytes of series: their labels and the positions of their values. Together with the frames it is 1 MiB.
const SERIES_BYTES: usize = 384 * 1024;
/// The shortest time between two frames, in milliseconds. Collections in between are skipped.
const MIN_SPACING: u64 = 900;
/// The scale of values that are not whole numbers: millionths.
const SCALE: f64 = 1e6;

/// The collections of the last minutes.
#[derive(Debug)]
pub(super) struct History {
    streams: Arc<Streams>,
    tracked: Vec<Tracked>,
    metrics: Vec<KeptMetric>,
    series: Vec<Series>,
    /// The index of each series, by a hash of its metric and attributes.
    index: HashMap<u64, u32>,
    hasher: RandomState,
    values: Vec<i64>,
    ring: Ring,
    table_bytes: usize,
    /// The number of series that did not fit.
    left_out: usize,
}

/// A metric of which every series is kept.
#[derive(Debug)]
pub(super) struct KeptMetric {
    /// The name of the instrument.
    instrument: String,
    /// The Prometheus name.
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) tracked: Tracked,
    /// The common prefix of the names of metrics about the same calls: everything but the last words.
    pub(super) family: String,
    /// The bucket bounds of a histogram.
    pub(super) bounds: Option<Vec<f64>>,
}

/// One series: its labels, and the position of its values. A histogram has one value for each bucket.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) metric: usize,
    pub(super) labels: Vec<(String, String)>,
    pub(super) slot: usize,
    pub(super) slots: usize,
    /// The factor that makes its values whole numbers.
    pub(super) scale: u32,
}

impl History {
    pub(super) fn new(streams: Arc<Streams>, tracked: Vec<Tracked>) -> Self {
        Self {
            streams,
            tracked,
            metrics: Vec::new(),
            series: Vec::new(),
            index: HashMap::new(),
            hasher: RandomState::new(),
            values: Vec::new(),
            ring: Ring::new(FRAME_BYTES),
            table_bytes: 0,
            left_out: 0,
        }
    }

    pub(super) fn metrics(&self) -> &[KeptMetric] {
        &self.metrics
    }

    pub(super) fn series(&self) -> &[Series] {
        &self.series
    }

    pub(super) fn ring(&self) -> &Ring {
        &self.ring
    }

    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }

    /// The size of the history in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.table_bytes + self.ring.bytes()
    }

    /// Whether the newest frame is old enough to add another one.
    pub(super) fn is_due(&self, now: u64) -> bool {
        self.ring.newest().is_none_or(|newest| now >= newest.saturating_add(MIN_SPACING))
    }

    /// Adds a frame, unless the newest one is too recent.
    pub(super) fn record(&mut self, now: u64, metrics: &ResourceMetrics) {
        if !self.is_due(now) {
            return;
        }
        self.left_out = 0;
        let off = SwitchedOff::of(metrics, &self.streams);
        each_metric(metrics, |scope, metric| {
            if off.has(scope.name(), metric.name()) {
                return;
            }
            if let Some(at) = self.metric_index(scope, metric) {
                self.take(at, metric);
            }
        });
        self.ring.push(now, &self.values);
    }

    /// The index of the metric. Adds it if it is new. `None` if the metric is not kept.
    fn metric_index(&mut self, scope: &InstrumentationScope, metric: &Metric) -> Option<usize> {
        if scope.name() != SCOPE {
            return None;
        }
        let own = scope.attributes().find(|attribute| attribute.key.as_str() == BOUNDS);
        let own = own.map(|attribute| attribute.value.as_str()).unwrap_or_default();
        let stream = self.streams.find(&own, metric.name())?;
        let tracked = self.tracked.iter().find(|tracked| tracked.is(stream.def))?.clone();
        let bounds = bounds(metric);
        let known = self.metrics.iter().position(|kept| kept.instrument == metric.name() && kept.bounds == bounds);
        if known.is_some() {
            return known;
        }
        self.metrics.push(KeptMetric {
            instrument: metric.name().to_owned(),
            name: stream.prometheus_name(),
            unit: stream.def.unit,
            family: tracked.family(metric.name()),
            tracked,
            bounds,
        });
        Some(self.metrics.len() - 1)
    }

    fn take(&mut self, at: usize, metric: &Metric) {
        each_point(metric, &mut |attributes, value| {
            let mut buckets = Vec::new();
            let (first, slots, scale) = match value {
                Value::Whole(value) => (value, 1, 1),
                Value::Fraction(value) if value.is_finite() => ((value * SCALE).round() as i64, 1, SCALE as u32),
                Value::Fraction(_) => return,
                Value::Buckets(counts) => {
                    buckets.extend(counts.map(|count| i64::try_from(count).unwrap_or(i64::MAX)));
                    (0, buckets.len(), 1)
                }
            };
            let attributes: Vec<&KeyValue> = attributes.collect();
            let Some(series) = self.find(at, &attributes, slots, scale) else {
                self.left_out += 1;
                return;
            };
            let slot = self.series[series].slot;
            if buckets.is_empty() {
                self.values[slot] = first;
            } else if buckets.len() == self.series[series].slots {
                self.values[slot..slot + buckets.len()].copy_from_slice(&buckets);
            }
        });
    }

    /// The index of the series with these attributes. Adds it if it is new and there is room.
    fn find(&mut self, metric: usize, attributes: &[&KeyValue], slots: usize, scale: u32) -> Option<usize> {
        // The sum of hashes does not depend on the order of attributes. The hasher has a random key, so a client cannot construct two sets with
        // the same sum.
        let of_attributes = attributes.iter().map(|attribute| self.hasher.hash_one(attribute));
        let hash = self.hasher.hash_one(metric) ^ of_attributes.fold(0, u64::wrapping_add);
        if let Some(known) = self.index.get(&hash) {
            return Some(*known as usize);
        }
        let mut labels: Vec<(String, String)> = attributes
            .iter()
            .map(|attribute| (label_name(attribute.key.as_str()).into_owned(), attribute.value.as_str().into_owned()))
            .collect();
        sort::by(&mut labels, Ord::cmp);
        let text: usize = labels.iter().map(|(name, value)| name.len() + value.len() + 2 * size_of::<String>()).sum();
        // Each value is stored three times: the newest collection and twice in the ring. The index has a hash and a number.
        let bytes = text + size_of::<Series>() + 2 * size_of::<(u64, u32)>() + 3 * slots * size_of::<i64>();
        if self.table_bytes + bytes > SERIES_BYTES {
            return None;
        }
        self.table_bytes += bytes;
        let series = self.series.len();
        self.index.insert(hash, u32::try_from(series).ok()?);
        self.series.push(Series { metric, labels, slot: self.values.len(), slots, scale });
        self.values.resize(self.values.len() + slots, 0);
        Some(series)
    }
}
