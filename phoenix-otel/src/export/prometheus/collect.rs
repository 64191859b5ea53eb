//! The points of a family: with labels, sorted, each series once.

use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData};

use crate::catalog::name::is_label_name;
use crate::exemplar::{Exemplars, InstrumentExemplars};

use super::exemplar::Exemplar;
use super::exponential::Layout;
use super::labels::{Labels, ScopeLabels};
use super::number::Number;
use super::plan::{Family, Source};
use super::point::{Numeric, Point, Value};
use super::summary::{Parts, Summary};
use super::text::Type;
use super::{DropReason, ForeignSeries, ForeignValue, Format, Input, Names, Report};

/// Points, and the arena of their labels. The value is reused for each family.
pub(super) struct Points<'a> {
    points: Vec<Point<'a>>,
    arena: Vec<u8>,
    labels: Labels<'a>,
    names: Names,
    /// The classic bounds of exponential histograms.
    layout: Layout,
    /// Whether the format has exemplars.
    exemplars: bool,
    observed: Option<&'a Exemplars>,
}

impl<'a> Points<'a> {
    pub(super) fn new(input: &Input<'a>, format: Format) -> Self {
        Points {
            points: Vec::new(),
            arena: Vec::new(),
            labels: Labels::new(input.metrics.resource(), input.names, format),
            names: input.names,
            layout: Layout::default(),
            exemplars: format.has_exemplars(),
            observed: input.exemplars,
        }
    }

    /// The classic bounds of the family's exponential histograms.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The points, sorted by their labels, each with its rendered labels.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &Point<'a>)> {
        self.points.iter().map(|point| (rendered(&self.arena, point), point))
    }

    /// Replaces the points by those of a family.
    pub(super) fn collect(&mut self, family: &Family<'a>, report: &mut Report) {
        self.points.clear();
        self.arena.clear();
        for (origin, source) in (0u32..).zip(&family.sources) {
            self.take(family, origin, source, &source.scope_labels(family.owner, self.names), report);
        }
        self.sort();
        let (arena, mut dropped) = (&self.arena, 0);
        self.points.dedup_by(|later, kept| {
            let is_same = rendered(arena, later) == rendered(arena, kept);
            // Sums with the same labels are added up.
            let is_added = is_same && is_sum(family, later) && is_sum(family, kept) && kept.value.add(&later.value);
            dropped += usize::from(is_same && !is_added);
            is_same
        });
        report.add(&family.name, DropReason::DuplicateSeries, dropped);
        if family.kind == Type::Histogram {
            self.layout = Layout::of(self.points.iter().filter_map(|point| point.value.exponential()));
        }
    }

    /// Sorts by labels. The first bytes that differ are compared as one number, which avoids most comparisons of labels.
    fn sort(&mut self) {
        let Some((first, rest)) = self.points.split_first() else {
            return;
        };
        if rest.is_empty() {
            return;
        }
        let first = rendered(&self.arena, first);
        let mut shared = first.len();
        for point in rest {
            let labels = rendered(&self.arena, point);
            if !labels.starts_with(&first[..shared]) {
                shared = first[..shared].iter().zip(labels).take_while(|(a, b)| a == b).count();
            }
        }
        let arena = &self.arena;
        for point in &mut self.points {
            let rest = &rendered(arena, point)[shared..];
            let mut bytes = [0; 8];
            let size = rest.len().min(8);
            bytes[..size].copy_from_slice(&rest[..size]);
            point.order = u64::from_be_bytes(bytes);
        }
        self.points.sort_unstable_by(|a, b| {
            a.order
                .cmp(&b.order)
                .then_with(|| rendered(arena, a)[shared..].cmp(&rendered(arena, b)[shared..]))
                .then_with(|| a.origin.cmp(&b.origin))
        });
    }

    fn take(
        &mut self,
        family: &Family<'a>,
        origin: u32,
        source: &Source<'a>,
        scope: &ScopeLabels<'a>,
        report: &mut Report,
    ) {
        match *source {
            Source::Target(metrics) => {
                self.labels.begin();
                for (key, value) in metrics.resource() {
                    self.labels.pair(key, value);
                }
                let start = self.arena.len();
                self.labels.finish_without_resource(&mut self.arena);
                self.push(start, origin, Value::Number(Number::Unsigned(1)));
            }
            Source::Metric(own, metric) => {
                let observed = self.observed.filter(|_| self.exemplars);
                let observed = observed.and_then(|observed| observed.of(own.name(), metric.name()));
                self.metric(family.kind, origin, metric, scope, observed);
            }
            Source::Summary(_, parts) => {
                let dropped = self.summary(family.kind, origin, &parts, scope);
                report.add(&family.name, DropReason::Unsupported, dropped);
            }
            Source::Zero(zero) if !family.has_ours() => {
                self.labels.begin();
                let value = if zero.exponential { Value::ZeroExponential } else { Value::ZeroHistogram(zero.bounds) };
                self.finish(origin, value);
            }
            Source::Zero(_) => {}
            Source::Foreign(foreign) => {
                for series in &foreign.series {
                    if !self.foreign(family.kind, origin, series) {
                        report.add(&family.name, DropReason::Unsupported, 1);
                    }
                }
            }
        }
    }

    fn metric(
        &mut self,
        kind: Type,
        origin: u32,
        metric: &'a Metric,
        scope: &ScopeLabels<'a>,
        observed: Option<InstrumentExemplars<'a>>,
    ) {
        match metric.data() {
            AggregatedMetrics::F64(data) => self.data(kind, origin, data, scope, observed),
            AggregatedMetrics::U64(data) => self.data(kind, origin, data, scope, observed),
            AggregatedMetrics::I64(data) => self.data(kind, origin, data, scope, observed),
        }
    }

    fn data<T: Numeric>(
        &mut self,
        kind: Type,
        origin: u32,
        data: &'a MetricData<T>,
        scope: &ScopeLabels<'a>,
        observed: Option<InstrumentExemplars<'a>>,
    ) {
        match data {
            MetricData::Gauge(gauge) => {
                for point in gauge.data_points() {
                    self.point(kind, origin, point.attributes(), scope, Value::Number(point.value().into()));
                }
            }
            MetricData::Sum(sum) => {
                for point in sum.data_points() {
                    let value = point.value().into();
                    let exemplar = if self.exemplars { point.exemplars().last() } else { None };
                    let value = match exemplar {
                        Some(exemplar) => Value::NumberWithExemplar(value, Box::new(Exemplar::new(exemplar))),
                        None => Value::Number(value),
                    };
                    self.point(kind, origin, point.attributes(), scope, value);
                }
            }
            MetricData::Histogram(histogram) => {
                for point in histogram.data_points() {
                    let observed = observed.map_or(&[][..], |observed| observed.series(point.attributes()));
                    self.point(kind, origin, point.attributes(), scope, T::histogram(point, observed));
                }
            }
            MetricData::ExponentialHistogram(histogram) => {
                for point in histogram.data_points() {
                    let observed = observed.map_or(&[][..], |observed| observed.series(point.attributes()));
                    self.point(kind, origin, point.attributes(), scope, T::exponential(point, observed));
                }
            }
        }
    }

    /// Adds the points of a summary. Returns how many values were dropped because they belong to no summary.
    fn summary(&mut self, kind: Type, origin: u32, parts: &Parts<'a>, scope: &ScopeLabels<'a>) -> usize {
        let (summaries, dropped) = parts.join(|attributes| {
            let mut labels = Vec::new();
            self.label(kind, attributes.iter().copied(), scope);
            self.labels.finish(&mut labels);
            labels
        });
        for (labels, summary) in summaries {
            let start = self.arena.len();
            self.arena.extend_from_slice(&labels);
            self.push(start, origin, Value::Summary(Box::new(summary)));
        }
        dropped
    }

    fn point(
        &mut self,
        kind: Type,
        origin: u32,
        attributes: impl Iterator<Item = &'a opentelemetry::KeyValue>,
        scope: &ScopeLabels<'a>,
        value: Value<'a>,
    ) {
        self.label(kind, attributes, scope);
        self.finish(origin, value);
    }

    fn label(
        &mut self,
        kind: Type,
        attributes: impl Iterator<Item = &'a opentelemetry::KeyValue>,
        scope: &ScopeLabels<'a>,
    ) {
        self.labels.begin();
        for attribute in attributes {
            self.labels.attribute(attribute, reserved(kind));
        }
        self.labels.scope(scope);
    }

    /// Adds a series of a foreign library. Returns whether it can be shown.
    fn foreign(&mut self, kind: Type, origin: u32, series: &'a ForeignSeries<'a>) -> bool {
        self.labels.begin();
        for (name, value) in &series.labels {
            if !is_label_name(name) {
                return false;
            }
            self.labels.label(name, value, reserved(kind));
        }
        let value = match (kind, &series.value) {
            (Type::Counter | Type::Gauge, ForeignValue::Number(value)) => Value::Number(Number::Float(*value)),
            (Type::Histogram, ForeignValue::Histogram { buckets, sum, count }) => {
                Value::ForeignHistogram { buckets, sum: *sum, count: *count }
            }
            (Type::Summary, ForeignValue::Summary { quantiles, sum, count }) => {
                let quantiles = quantiles.clone();
                Value::Summary(Box::new(Summary { quantiles, sum: (*sum).into(), count: (*count).into() }))
            }
            _ => return false,
        };
        self.finish(origin, value);
        true
    }

    fn finish(&mut self, origin: u32, value: Value<'a>) {
        let start = self.arena.len();
        self.labels.finish(&mut self.arena);
        self.push(start, origin, value);
    }

    fn push(&mut self, start: usize, origin: u32, value: Value<'a>) {
        self.points.push(Point { labels: start..self.arena.len(), order: 0, origin, value });
    }
}

fn rendered<'b>(arena: &'b [u8], point: &Point<'_>) -> &'b [u8] {
    &arena[point.labels.clone()]
}

/// Whether the point can be added to others. A metric that a registry of the crate `prometheus` contains twice is not counted twice.
fn is_sum(family: &Family<'_>, point: &Point<'_>) -> bool {
    family.sources.get(point.origin as usize).is_some_and(Source::is_sum)
}

/// The label that the type's own series use.
fn reserved(kind: Type) -> &'static str {
    match kind {
        Type::Histogram => "le",
        Type::Summary => "quantile",
        _ => "",
    }
}
