//! Metrics as text: one line for each metric, followed by one line for each of its points.

use super::{Attributes, Identity};
use crate::export::switches::SwitchedOff;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, MetricData, ResourceMetrics,
};
use std::fmt::{self, Debug, Display};

/// Metrics as the console prints them.
pub(super) struct Printed<'a>(pub(super) &'a ResourceMetrics, pub(super) SwitchedOff);

impl Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "metrics of {}", Identity(self.0.resource()))?;
        for metrics in self.0.scope_metrics() {
            let scope = metrics.scope();
            let (name, version) = (scope.name(), scope.version().unwrap_or_default());
            let space = if version.is_empty() { "" } else { " " };
            let (shown, version) = (name.escape_debug(), version.escape_debug());
            let attributes: Vec<_> = scope.attributes().collect();
            writeln!(f, "scope {shown}{space}{version} {}", Attributes(attributes.into_iter()))?;
            for metric in metrics.metrics().filter(|metric| !self.1.has(name, metric.name())) {
                print(f, metric)?;
            }
        }
        Ok(())
    }
}

fn print(f: &mut fmt::Formatter<'_>, metric: &Metric) -> fmt::Result {
    match metric.data() {
        AggregatedMetrics::F64(data) => print_data(f, metric, data),
        AggregatedMetrics::I64(data) => print_data(f, metric, data),
        AggregatedMetrics::U64(data) => print_data(f, metric, data),
    }
}

fn print_data<T: Debug + Copy>(f: &mut fmt::Formatter<'_>, metric: &Metric, data: &MetricData<T>) -> fmt::Result {
    let kind = match data {
        MetricData::Gauge(_) => "gauge".to_owned(),
        MetricData::Sum(sum) => {
            let monotonic = if sum.is_monotonic() { "monotonic " } else { "" };
            format!("{monotonic}sum, {}", text(sum.temporality()))
        }
        MetricData::Histogram(histogram) => format!("histogram, {}", text(histogram.temporality())),
        MetricData::ExponentialHistogram(histogram) => {
            format!("exponential histogram, {}", text(histogram.temporality()))
        }
    };
    let unit = if metric.unit().is_empty() { String::new() } else { format!(" [{}]", metric.unit().escape_debug()) };
    writeln!(f, "  {}{unit} {kind}: {}", metric.name().escape_debug(), metric.description().escape_debug())?;
    match data {
        MetricData::Gauge(gauge) => gauge.data_points().try_for_each(|point| {
            let attributes: Vec<_> = point.attributes().collect();
            writeln!(f, "    {} {:?}", Attributes(attributes.into_iter()), point.value())
        }),
        MetricData::Sum(sum) => sum.data_points().try_for_each(|point| {
            let attributes: Vec<_> = point.attributes().collect();
            writeln!(f, "    {} {:?}", Attributes(attributes.into_iter()), point.value())
        }),
        MetricData::Histogram(histogram) => histogram.data_points().try_for_each(|point| {
            let attributes: Vec<_> = point.attributes().collect();
            write!(f, "    {} ", Attributes(attributes.into_iter()))?;
            buckets(f, point)
        }),
        MetricData::ExponentialHistogram(histogram) => histogram.data_points().try_for_each(|point| {
            let attributes: Vec<_> = point.attributes().collect();
            write!(f, "    {} ", Attributes(attributes.into_iter()))?;
            exponential_buckets(f, point)
        }),
    }
}

/// The counts of the buckets, not cumulative, each after the upper bound of its bucket.
fn buckets<T: Debug + Copy>(f: &mut fmt::Formatter<'_>, point: &HistogramDataPoint<T>) -> fmt::Result {
    write!(f, "count={} sum={:?}", point.count(), point.sum())?;
    for (bound, count) in point.bounds().chain([f64::INFINITY]).zip(point.bucket_counts()) {
        write!(f, " <={bound}:{count}")?;
    }
    writeln!(f)
}

fn exponential_buckets<T: Debug + Copy>(
    f: &mut fmt::Formatter<'_>,
    point: &ExponentialHistogramDataPoint<T>,
) -> fmt::Result {
    write!(f, "count={} sum={:?} scale={} zero:{}", point.count(), point.sum(), point.scale(), point.zero_count())?;
    for (sign, buckets) in [("-", point.negative_bucket()), ("+", point.positive_bucket())] {
        for (index, count) in (buckets.offset()..).zip(buckets.counts()) {
            write!(f, " {sign}{index}:{count}")?;
        }
    }
    writeln!(f)
}

fn text(temporality: Temporality) -> &'static str {
    if temporality == Temporality::Delta { "delta" } else { "cumulative" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callbacks::Callbacks;
    use crate::export::reader::SharedReader;
    use opentelemetry::metrics::MeterProvider as _;
    use opentelemetry::{InstrumentationScope, KeyValue};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::metrics::SdkMeterProvider;
    use opentelemetry_sdk::metrics::reader::MetricReader as _;

    #[test]
    fn a_metric_is_a_line_and_each_point_one_below_it() {
        let reader = SharedReader::new(Temporality::Cumulative, Callbacks::default());
        let resource = [KeyValue::new("version", "1"), KeyValue::new("service", "shop")];
        let resource = Resource::builder_empty().with_attributes(resource).build();
        let provider = SdkMeterProvider::builder().with_reader(reader.clone()).with_resource(resource).build();
        let scope = InstrumentationScope::builder("lib\n")
            .with_version("2\x1b")
            .with_attributes([KeyValue::new("pool\r", "a")]);
        let meter = provider.meter_with_scope(scope.build());
        let counter = meter.u64_counter("orders").with_unit("{\norder}").with_description("Orders.\nAll.").build();
        counter.add(3, &[KeyValue::new("channel\n", "web\n")]);
        let histogram = meter.f64_histogram("latency").with_unit("s").with_boundaries(vec![0.5]).build();
        histogram.record(0.25, &[]);
        let mut metrics = ResourceMetrics::default();
        reader.collect(&mut metrics).unwrap();
        let printed = Printed(&metrics, SwitchedOff::default()).to_string();
        let mut lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines.remove(0), "metrics of {service=shop, version=1}");
        assert_eq!(
            lines,
            [
                r"scope lib\n 2\u{1b} {pool\r=a}",
                r"  orders [{\norder}] monotonic sum, cumulative: Orders.\nAll.",
                r"    {channel\n=web\n} 3",
                "  latency [s] histogram, cumulative: ",
                "    {} count=1 sum=0.25 <=0.5:1 <=inf:0",
            ]
        );
    }
}
