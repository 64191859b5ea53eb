//! Points of any origin: their value, and the position of their labels.

use std::ops::Range;
use std::time::SystemTime;

use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, ExponentialHistogramDataPoint, HistogramDataPoint, MetricData,
};

use crate::exemplar::RecordedExemplar;

use super::buckets::Buckets;
use super::exemplar::Exemplar;
use super::exponential::{Exponential, Layout};
use super::number::Number;
use super::plan::Source;
use super::summary::{Parts, Summary};

/// A point, ready to be written.
#[derive(Debug)]
pub(super) struct Point<'a> {
    /// The position of its labels in the arena.
    pub(super) labels: Range<usize>,
    /// The first bytes in which the labels of a family differ, as a number with the same order.
    pub(super) order: u64,
    /// The index of the metric that it comes from.
    pub(super) origin: u32,
    pub(super) value: Value<'a>,
}

/// The value of a point.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Number(Number),
    NumberWithExemplar(Number, Box<Exemplar<'a>>),
    HistogramF64(&'a HistogramDataPoint<f64>, &'a [RecordedExemplar]),
    HistogramU64(&'a HistogramDataPoint<u64>, &'a [RecordedExemplar]),
    HistogramI64(&'a HistogramDataPoint<i64>, &'a [RecordedExemplar]),
    ExponentialF64(&'a ExponentialHistogramDataPoint<f64>, &'a [RecordedExemplar]),
    ExponentialU64(&'a ExponentialHistogramDataPoint<u64>, &'a [RecordedExemplar]),
    ExponentialI64(&'a ExponentialHistogramDataPoint<i64>, &'a [RecordedExemplar]),
    ZeroHistogram(&'a [f64]),
    ZeroExponential,
    ForeignHistogram { buckets: &'a [(f64, u64)], sum: f64, count: u64 },
    Summary(Box<Summary>),
}

impl<'a> Value<'a> {
    /// The value of a gauge or a counter.
    pub(super) fn number(&self) -> Option<Number> {
        match self {
            Value::Number(number) | Value::NumberWithExemplar(number, _) => Some(*number),
            _ => None,
        }
    }

    /// Adds another value of a sum. Returns false for other values.
    pub(super) fn add(&mut self, more: &Self) -> bool {
        let Some(more) = more.number() else { return false };
        match self {
            Value::Number(number) | Value::NumberWithExemplar(number, _) => number.add(more),
            _ => false,
        }
    }

    /// The exponential histogram, if it is one.
    pub(super) fn exponential(&self) -> Option<Exponential<'a>> {
        match self {
            Value::ExponentialF64(point, _) => Some(Exponential::of(point)),
            Value::ExponentialU64(point, _) => Some(Exponential::of(point)),
            Value::ExponentialI64(point, _) => Some(Exponential::of(point)),
            Value::ZeroExponential => Some(Exponential::EMPTY),
            _ => None,
        }
    }

    /// Fills `buckets` if the point is a histogram. `layout` has the bounds of exponential ones. Returns whether it is a histogram.
    pub(super) fn fill(&self, buckets: &mut Buckets<'a>, layout: &Layout, exemplars: bool) -> bool {
        if let Some(point) = self.exponential() {
            buckets.exponential(&point, layout);
        }
        match self {
            Value::HistogramF64(point, observed) => buckets.explicit(point, observed, exemplars),
            Value::HistogramU64(point, observed) => buckets.explicit(point, observed, exemplars),
            Value::HistogramI64(point, observed) => buckets.explicit(point, observed, exemplars),
            Value::ExponentialF64(point, observed) if exemplars => buckets.add_exemplars(point.exemplars(), observed),
            Value::ExponentialU64(point, observed) if exemplars => buckets.add_exemplars(point.exemplars(), observed),
            Value::ExponentialI64(point, observed) if exemplars => buckets.add_exemplars(point.exemplars(), observed),
            Value::ExponentialF64(..)
            | Value::ExponentialU64(..)
            | Value::ExponentialI64(..)
            | Value::ZeroExponential => {}
            Value::ZeroHistogram(bounds) => buckets.zero(bounds),
            Value::ForeignHistogram { buckets: bounds, sum, count } => buckets.foreign(bounds, *sum, *count),
            Value::Number(_) | Value::NumberWithExemplar(..) | Value::Summary(_) => return false,
        }
        true
    }
}

/// The number types of instruments.
pub(super) trait Numeric: Copy + Into<Number> + 'static {
    /// `observed` are exemplars that are stored outside the SDK.
    fn histogram<'a>(point: &'a HistogramDataPoint<Self>, observed: &'a [RecordedExemplar]) -> Value<'a>;
    fn exponential<'a>(point: &'a ExponentialHistogramDataPoint<Self>, observed: &'a [RecordedExemplar]) -> Value<'a>;
}

macro_rules! numeric {
    ($number:ty, $histogram:ident, $exponential:ident) => {
        impl Numeric for $number {
            fn histogram<'a>(point: &'a HistogramDataPoint<Self>, observed: &'a [RecordedExemplar]) -> Value<'a> {
                Value::$histogram(point, observed)
            }

            fn exponential<'a>(
                point: &'a ExponentialHistogramDataPoint<Self>,
                observed: &'a [RecordedExemplar],
            ) -> Value<'a> {
                Value::$exponential(point, observed)
            }
        }
    };
}

numeric!(f64, HistogramF64, ExponentialF64);
numeric!(u64, HistogramU64, ExponentialU64);
numeric!(i64, HistogramI64, ExponentialI64);

impl Source<'_> {
    /// Whether its points can be added up.
    pub(super) fn is_sum(&self) -> bool {
        let Source::Metric(_, metric) = self else { return false };
        match metric.data() {
            AggregatedMetrics::F64(data) => matches!(data, MetricData::Sum(_)),
            AggregatedMetrics::U64(data) => matches!(data, MetricData::Sum(_)),
            AggregatedMetrics::I64(data) => matches!(data, MetricData::Sum(_)),
        }
    }

    /// When its values began to be counted. `None` for a gauge, and if the source has no start time.
    pub(super) fn start_time(&self) -> Option<SystemTime> {
        fn of<T>(data: &MetricData<T>) -> Option<SystemTime> {
            match data {
                MetricData::Gauge(_) => None,
                MetricData::Sum(sum) => Some(sum.start_time()),
                MetricData::Histogram(histogram) => Some(histogram.start_time()),
                MetricData::ExponentialHistogram(histogram) => Some(histogram.start_time()),
            }
        }
        match self {
            Source::Target(_) | Source::Zero(_) | Source::Foreign(_) => None,
            Source::Metric(_, metric) | Source::Summary(_, Parts { count: metric, .. }) => match metric.data() {
                AggregatedMetrics::F64(data) => of(data),
                AggregatedMetrics::U64(data) => of(data),
                AggregatedMetrics::I64(data) => of(data),
            },
        }
    }

    /// The number of points.
    pub(super) fn points(&self) -> usize {
        fn of<T>(data: &MetricData<T>) -> usize {
            match data {
                MetricData::Gauge(gauge) => gauge.data_points().count(),
                MetricData::Sum(sum) => sum.data_points().count(),
                MetricData::Histogram(histogram) => histogram.data_points().count(),
                MetricData::ExponentialHistogram(histogram) => histogram.data_points().count(),
            }
        }
        match self {
            Source::Target(_) | Source::Zero(_) => 1,
            Source::Foreign(family) => family.series.len(),
            Source::Metric(_, metric) | Source::Summary(_, Parts { count: metric, .. }) => match metric.data() {
                AggregatedMetrics::F64(data) => of(data),
                AggregatedMetrics::U64(data) => of(data),
                AggregatedMetrics::I64(data) => of(data),
            },
        }
    }
}
