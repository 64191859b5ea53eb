//! Which exporters share a reader.

use super::*;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::{SdkMeterProvider, Temporality};

/// The sum over all points.
fn sum(metrics: &ResourceMetrics) -> u64 {
    let metrics = metrics.scope_metrics().flat_map(|scope| scope.metrics());
    let points = metrics.flat_map(|metric| match metric.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => sum.data_points().map(|point| point.value()).collect(),
        _ => Vec::new(),
    });
    points.sum()
}

#[test]
fn exporters_of_cumulative_temporality_share_a_reader() {
    let mut readers = Readers::default();
    for temporality in [Temporality::Cumulative, Temporality::Delta, Temporality::LowMemory].repeat(3) {
        let _ = readers.collect(&"otlp".into(), temporality);
    }
    let _ = readers.cumulative();
    assert_eq!(readers.register().count(), 1 + 3 + 3);
}

#[test]
fn each_exporter_with_delta_temporality_receives_all_deltas() {
    for temporality in [Temporality::Delta, Temporality::LowMemory] {
        let mut readers = Readers::default();
        let [often, rarely, cumulative] = [temporality, temporality, Temporality::Cumulative]
            .map(|temporality| readers.collect(&"otlp".into(), temporality));
        let provider = SdkMeterProvider::builder();
        let provider = readers.register().fold(provider, |provider, reader| provider.with_reader(reader)).build();
        let counter = provider.meter("test").u64_counter("counter").build();
        for by in [1, 2, 4] {
            counter.add(by, &[]);
            assert_eq!(sum(&often().unwrap()), by);
        }
        counter.add(8, &[]);
        assert_eq!(sum(&rarely().unwrap()), 15);
        assert_eq!(sum(&often().unwrap()), 8);
        assert_eq!(sum(&rarely().unwrap()), 0);
        assert_eq!(sum(&cumulative().unwrap()), 15);
    }
}
