//! What exporters get that share a reader.

use super::*;
use crate::export::count::points;
use crate::export::push::Collect;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, MeterProvider as _};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::{SdkMeterProvider, Temporality};
use std::sync::Arc;

/// A counter, and what each exporter collects by.
fn shared<const N: usize>(exporters: [Temporality; N]) -> (SdkMeterProvider, Counter<u64>, [Collect; N]) {
    let mut readers = Readers::default();
    let collect = exporters.map(|temporality| readers.collect(temporality, &"exporter".into()));
    let mut provider = SdkMeterProvider::builder();
    for reader in readers.all() {
        provider = provider.with_reader(reader);
    }
    let provider = provider.build();
    let counter = provider.meter("test").u64_counter("counter").build();
    (provider, counter, collect)
}

/// The sum over all points of each batch.
fn sums(batches: &[Arc<ResourceMetrics>]) -> Vec<u64> {
    let sum = |batch: &Arc<ResourceMetrics>| {
        let metrics = batch.scope_metrics().flat_map(|scope| scope.metrics());
        let points = metrics.flat_map(|metric| match metric.data() {
            AggregatedMetrics::U64(MetricData::Sum(sum)) => sum.data_points().map(|point| point.value()).collect(),
            _ => Vec::new(),
        });
        points.sum()
    };
    batches.iter().map(sum).collect()
}

#[test]
fn there_is_one_aggregation_for_each_temporality() {
    let mut readers = Readers::default();
    for temporality in [Temporality::Cumulative, Temporality::Delta, Temporality::LowMemory].repeat(3) {
        let _ = readers.collect(temporality, &"exporter".into());
    }
    let _ = readers.totals();
    assert_eq!(readers.all().count(), 3);
}

#[test]
fn deltas_reach_each_exporter_once_and_in_order() {
    for temporality in [Temporality::Delta, Temporality::LowMemory] {
        let (_provider, counter, [often, seldom, totals]) = shared([temporality, temporality, Temporality::Cumulative]);
        for by in [1, 2, 4] {
            counter.add(by, &[]);
            assert_eq!(sums(&often().unwrap()), [by]);
        }
        counter.add(8, &[]);
        assert_eq!(sums(&seldom().unwrap()), [1, 2, 4, 8]);
        assert_eq!(sums(&often().unwrap()).iter().sum::<u64>(), 8);
        assert_eq!(sums(&seldom().unwrap()).iter().sum::<u64>(), 0);
        assert_eq!(sums(&totals().unwrap()), [15]);
    }
}

/// What nobody takes does not grow for ever, and the newest is what is kept.
#[test]
fn a_backlog_is_bounded() {
    let (_provider, counter, [often, stuck]) = shared([Temporality::Delta; 2]);
    const SERIES: u64 = 1_000;
    for round in 0..150 {
        for series in 0..SERIES {
            counter.add(round, &[KeyValue::new("series", series as i64)]);
        }
        often().unwrap();
    }
    let batches = stuck().unwrap();
    let kept: usize = batches.iter().map(|batch| points(batch)).sum();
    assert!((90_000..=101_000).contains(&kept), "{kept}");
    assert_eq!(sums(&batches[batches.len() - 2..])[0], 149 * SERIES);
}
