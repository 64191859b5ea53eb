//! Summaries. The SDK has no type for them, so this module joins a gauge of quantiles and two sums by their names.

use std::collections::BTreeMap;

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData, ScopeMetrics};

use crate::catalog::def::QUANTILE;
use crate::catalog::name::{NameKind, summary_parts};
use crate::export::kind::kind_of;
use crate::sort;

use super::number::Number;

/// A summary that is recorded with three instruments of one scope.
///
/// They are a gauge with the name `name`, whose points have the attribute `quantile`, and two sums that may decrease, named by
/// `catalog::name::summary_parts`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SummaryInstrument<'a> {
    /// The OpenTelemetry name of the gauge.
    pub name: &'a str,
    /// The UCUM unit of the gauge.
    pub unit: &'a str,
}

/// The metrics that form a summary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    /// `None` while no series has a quantile.
    pub(super) quantiles: Option<&'a Metric>,
    pub(super) sum: &'a Metric,
    pub(super) count: &'a Metric,
}

/// The value of a point of a summary.
#[derive(Debug)]
pub(super) struct Summary {
    /// Quantiles and their values, ascending.
    pub(super) quantiles: Vec<(f64, f64)>,
    pub(super) sum: Number,
    pub(super) count: Number,
}

impl Summary {
    /// Whether strict OpenMetrics allows it as a summary: no value may be negative.
    pub(super) fn is_valid_openmetrics(&self) -> bool {
        let is_valid =
            |(quantile, value): &(f64, f64)| (0.0..=1.0).contains(quantile) && (*value >= 0.0 || value.is_nan());
        self.sum.is_valid_count() && self.count.is_valid_count() && self.quantiles.iter().all(is_valid)
    }
}

impl<'a> Parts<'a> {
    /// The parts of a summary in this scope. At least a sum and a count of the right kind must exist.
    pub(super) fn of(instrument: &SummaryInstrument<'_>, scope: &'a ScopeMetrics) -> Option<Self> {
        let find =
            |name: &str, kind| scope.metrics().find(|metric| metric.name() == name && kind_of(metric) == (kind, false));
        let [sum, count] = summary_parts(instrument.name, instrument.unit);
        Some(Self {
            quantiles: find(instrument.name, NameKind::Gauge),
            sum: find(&sum, NameKind::UpDownCounter)?,
            count: find(&count, NameKind::UpDownCounter)?,
        })
    }

    pub(super) fn contains(&self, metric: &Metric) -> bool {
        [self.quantiles, Some(self.sum), Some(self.count)].into_iter().flatten().any(|part| std::ptr::eq(part, metric))
    }

    /// The points by their labels, which `render` creates from their attributes. Also returns the number of values that belong to no summary or have
    /// an invalid quantile.
    pub(super) fn join(
        &self,
        mut render: impl FnMut(&[&'a KeyValue]) -> Vec<u8>,
    ) -> (BTreeMap<Vec<u8>, Summary>, usize) {
        let mut dropped = 0;
        let mut sums = BTreeMap::new();
        // `collect` would sort first, which is compiled again for this type.
        sums.extend(points(self.sum).into_iter().map(|(attributes, sum)| (render(&attributes), sum)));
        let mut summaries = BTreeMap::new();
        for (attributes, count) in points(self.count) {
            let labels = render(&attributes);
            match sums.remove(&labels) {
                Some(sum) => {
                    summaries.insert(labels, Summary { quantiles: Vec::new(), sum, count });
                }
                None => dropped += 1,
            }
        }
        dropped += sums.len();
        for (attributes, value) in self.quantiles.map(points).unwrap_or_default() {
            let is_quantile = |attribute: &&KeyValue| attribute.key.as_str() == QUANTILE;
            let (quantile, attributes): (Vec<_>, Vec<_>) = attributes.into_iter().partition(is_quantile);
            let quantile = quantile.first().and_then(|quantile| quantile.value.as_str().parse::<f64>().ok());
            let quantile = quantile.filter(|quantile| (0.0..=1.0).contains(quantile));
            match (quantile, summaries.get_mut(&render(&attributes))) {
                (Some(quantile), Some(summary)) => summary.quantiles.push((quantile, value.as_f64())),
                _ => dropped += 1,
            }
        }
        for summary in summaries.values_mut() {
            sort::by(&mut summary.quantiles, |(a, _), (b, _)| a.total_cmp(b));
            summary.quantiles.dedup_by_key(|(quantile, _)| *quantile);
        }
        (summaries, dropped)
    }
}

/// The attributes and the value of each point of a gauge or a sum.
fn points(metric: &Metric) -> Vec<(Vec<&KeyValue>, Number)> {
    fn of<T: Copy + Into<Number>>(data: &MetricData<T>) -> Vec<(Vec<&KeyValue>, Number)> {
        match data {
            MetricData::Gauge(gauge) => {
                gauge.data_points().map(|point| (point.attributes().collect(), point.value().into())).collect()
            }
            MetricData::Sum(sum) => {
                sum.data_points().map(|point| (point.attributes().collect(), point.value().into())).collect()
            }
            MetricData::Histogram(_) | MetricData::ExponentialHistogram(_) => Vec::new(),
        }
    }
    match metric.data() {
        AggregatedMetrics::F64(data) => of(data),
        AggregatedMetrics::U64(data) => of(data),
        AggregatedMetrics::I64(data) => of(data),
    }
}
