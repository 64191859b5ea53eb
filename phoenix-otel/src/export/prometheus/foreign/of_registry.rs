//! Families gathered from a `prometheus::Registry`. The code works with both data models of the crate `prometheus`.

use prometheus::proto::{Counter, Gauge, Metric, MetricFamily, MetricType};

use super::{ForeignFamily, ForeignKind, ForeignSeries, ForeignValue};

impl<'a> From<&'a MetricFamily> for ForeignFamily<'a> {
    fn from(family: &'a MetricFamily) -> Self {
        let kind = match family.get_field_type() {
            MetricType::COUNTER => ForeignKind::Counter,
            MetricType::GAUGE => ForeignKind::Gauge,
            MetricType::HISTOGRAM => ForeignKind::Histogram,
            MetricType::SUMMARY => ForeignKind::Summary,
            // The crate `prometheus` creates no such metrics, cannot encode them itself, and hides the value in one of its two data models.
            MetricType::UNTYPED => ForeignKind::Unsupported,
        };
        let series = family.get_metric().iter().map(|metric| ForeignSeries {
            labels: metric.get_label().iter().map(|label| (label.name(), label.value())).collect(),
            value: value(kind, metric),
        });
        Self { name: family.name(), help: family.help(), kind, series: series.collect() }
    }
}

fn value(kind: ForeignKind, metric: &Metric) -> ForeignValue {
    match kind {
        ForeignKind::Counter => ForeignValue::Number(metric.get_counter().value()),
        ForeignKind::Gauge | ForeignKind::Unsupported => ForeignValue::Number(metric.get_gauge().value()),
        ForeignKind::Histogram => {
            let histogram = metric.get_histogram();
            let buckets = histogram.get_bucket().iter();
            ForeignValue::Histogram {
                buckets: buckets.map(|bucket| (bucket.upper_bound(), bucket.cumulative_count())).collect(),
                sum: histogram.get_sample_sum(),
                count: histogram.get_sample_count(),
            }
        }
        ForeignKind::Summary => {
            let summary = metric.get_summary();
            let quantiles = summary.get_quantile().iter();
            ForeignValue::Summary {
                quantiles: quantiles.map(|quantile| (quantile.quantile(), quantile.value())).collect(),
                sum: summary.sample_sum(),
                count: summary.sample_count(),
            }
        }
    }
}

/// A value that one data model of the crate returns from `value()` and the other from `get_value()`.
///
/// The feature `protobuf` of the crate, which any crate of the dependency graph may enable, selects the model. In each model one of the two
/// methods is inherent and takes precedence over that of this trait. The method of the trait calls the inherent one.
#[allow(dead_code, reason = "which method is called depends on how the prometheus crate was built")]
trait Value {
    fn value(&self) -> f64;
    fn get_value(&self) -> f64;
}

#[allow(unconditional_recursion, reason = "no recursion happens: see the trait")]
impl Value for Counter {
    fn value(&self) -> f64 {
        self.get_value()
    }

    fn get_value(&self) -> f64 {
        self.value()
    }
}

#[allow(unconditional_recursion, reason = "no recursion happens: see the trait")]
impl Value for Gauge {
    fn value(&self) -> f64 {
        self.get_value()
    }

    fn get_value(&self) -> f64 {
        self.value()
    }
}
