//! A metric with more series than one SDK instrument holds: a new series waits only for the collection of a few others.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use phoenix_otel::opentelemetry_sdk::error::OTelSdkResult;
use phoenix_otel::opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use phoenix_otel::opentelemetry_sdk::metrics::reader::MetricReader;
use phoenix_otel::opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};
use phoenix_otel::testing::FakeExporter;
use phoenix_otel::{Builder, Otlp, Protocol, Status, instrument_metrics, metrics};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::{Samples, isolated};

/// The most series of one SDK instrument, in addition to the overflow series.
const PART: usize = 2000;
const CAP: usize = 4500;

metrics! {
    /// Visits.
    static VISITS: Counter { visitor: &str } = "parts.visits" { unit: "{visit}", cap: CAP };
    /// What was spent.
    static SPENT: Counter<f64> { visitor: &str } = "parts.spent" { unit: "{EUR}", cap: CAP };
    /// Visitors' bags.
    static BAGS: UpDownCounter { visitor: &str } = "parts.bags" { unit: "{bag}", cap: CAP };
    /// Visitors' temperatures.
    static WARMTH: Gauge { visitor: &str } = "parts.warmth" { unit: "Cel", cap: CAP };
    /// How long visitors wait.
    static WAITS: Histogram { visitor: &str } = "parts.waits" { unit: "s", bounds: [1.0], cap: CAP };
    /// How long visitors stay.
    static STAYS: Summary { visitor: &str } = "parts.stays" { unit: "s", cap: CAP };
    /// Orders.
    static ORDERS: Counter { visitor: &str, status: Status } = "parts.orders" { unit: "{order}", cap: CAP };
    /// Time to order.
    static ORDER_DURATION: Histogram { visitor: &str } = "parts.order.duration" { unit: "s", bounds: [1.0], cap: CAP };
    /// One order.
    static ORDER: CallSet { visitor: &str } = { requests: ORDERS, duration: ORDER_DURATION };
}

#[instrument_metrics(ORDER { visitor })]
fn order(visitor: &str) {}

fn record(visitor: &str) {
    VISITS.add(3, VISITS { visitor });
    SPENT.add(0.5, SPENT { visitor });
    BAGS.add(2, BAGS { visitor });
    WARMTH.set(37.0, WARMTH { visitor });
    WAITS.record(0.5, WAITS { visitor });
    STAYS.record(0.5, STAYS { visitor });
    order(visitor);
}

/// Each metric, the number of series of each of its instruments, and the sum of all values.
const METRICS: [(&str, &[usize], f64); 7] = [
    ("parts.visits", &[PART + 1, PART, 500], 3.0 * 4510.0),
    ("parts.spent", &[PART + 1, PART, 500], 0.5 * 4510.0),
    ("parts.bags", &[PART + 1, PART, 500], 2.0 * 4510.0),
    ("parts.warmth", &[PART + 1, PART, 500], 37.0 * 4501.0),
    ("parts.waits", &[PART + 1, PART, 500], 4510.0),
    // With four statuses each.
    ("parts.orders", &[PART + 1, PART, 500], 4510.0),
    ("parts.order.duration", &[PART + 1, PART, 500], 4510.0),
];

/// A reader that returns the SDK's data.
#[derive(Clone, Debug)]
struct Reader(Arc<ManualReader>);

impl Reader {
    fn new(temporality: Temporality) -> Self {
        Self(Arc::new(ManualReader::builder().with_temporality(temporality).build()))
    }

    fn read(&self) -> ResourceMetrics {
        let mut metrics = ResourceMetrics::default();
        self.collect(&mut metrics).expect("it is registered");
        metrics
    }
}

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

/// Returns each point of a metric: its attributes, and its value or count.
fn points(data: &AggregatedMetrics) -> Vec<(String, f64)> {
    fn of<T: Copy>(data: &MetricData<T>, as_f64: impl Fn(T) -> f64) -> Vec<(String, f64)> {
        let shown = |attributes: Vec<String>| attributes.join(",");
        macro_rules! points {
            ($data:expr, $value:expr) => {
                $data
                    .data_points()
                    .map(|point| {
                        let attributes = point.attributes().map(|of| format!("{}={}", of.key, of.value)).collect();
                        (shown(attributes), $value(point))
                    })
                    .collect()
            };
        }
        match data {
            MetricData::Sum(sum) => points!(sum, |point: &_| {
                let point: &phoenix_otel::opentelemetry_sdk::metrics::data::SumDataPoint<T> = point;
                as_f64(point.value())
            }),
            MetricData::Gauge(gauge) => points!(gauge, |point: &_| {
                let point: &phoenix_otel::opentelemetry_sdk::metrics::data::GaugeDataPoint<T> = point;
                as_f64(point.value())
            }),
            MetricData::Histogram(histogram) => points!(histogram, |point: &_| {
                let point: &phoenix_otel::opentelemetry_sdk::metrics::data::HistogramDataPoint<T> = point;
                point.count() as f64
            }),
            MetricData::ExponentialHistogram(_) => panic!("there is none"),
        }
    }
    match data {
        AggregatedMetrics::F64(data) => of(data, |value| value),
        AggregatedMetrics::U64(data) => of(data, |value| value as f64),
        AggregatedMetrics::I64(data) => of(data, |value| value as f64),
    }
}

/// Returns the points of each instrument of this name.
fn instruments(metrics: &ResourceMetrics, name: &str) -> Vec<Vec<(String, f64)>> {
    let metrics = metrics.scope_metrics().flat_map(|scope| scope.metrics());
    let mut of_name: Vec<_> =
        metrics.filter(|metric| metric.name() == name).map(|metric| points(metric.data())).collect();
    of_name.sort_by_key(|points| std::cmp::Reverse(points.len()));
    of_name
}

fn builder() -> Builder {
    phoenix_otel::builder("parts").environment([("", ""); 0]).without_exporter()
}

/// The SDK locks the series of one instrument while it collects them, and a new series of that instrument waits.
#[test]
fn each_sdk_instrument_has_a_part_of_the_series() {
    isolated!();
    for temporality in [Temporality::Cumulative, Temporality::Delta] {
        let reader = Reader::new(temporality);
        let telemetry = builder().reader(reader.clone()).init().expect("init succeeds");
        // Also past the caps.
        (0..CAP + 10).for_each(|visitor| record(&visitor.to_string()));
        let metrics = reader.read();
        for (name, expected, sum) in METRICS {
            let parts = instruments(&metrics, name);
            let sizes: Vec<usize> = parts.iter().map(Vec::len).collect();
            assert!(sizes.iter().all(|size| *size <= PART + 1), "{name}, {temporality:?}: {sizes:?}");
            // With delta temporality, series without values are not exported, such as those of other statuses.
            if temporality == Temporality::Cumulative {
                assert_eq!(sizes, expected, "{name}");
            }
            let points = parts.concat();
            assert_eq!(points.iter().map(|(_, value)| value).sum::<f64>(), sum, "{name}, {temporality:?}");
            let series: BTreeMap<_, _> = points.iter().cloned().collect();
            assert_eq!(series.len(), points.len(), "{name}: each series is in one part");
        }
        telemetry.shutdown().into_result().expect("nothing is lost");
    }
}

#[test]
fn receivers_see_one_metric() {
    isolated!();
    let sink = Sink::http(None, &[]);
    let registry = prometheus::Registry::new();
    let telemetry = builder()
        .exporter("prometheus")
        .without_listener()
        .exporter(Otlp::new().protocol(Protocol::HttpProtobuf).endpoint(format!("http://127.0.0.1:{}", sink.port())))
        .interval(Duration::from_secs(3600))
        .export_into(registry.clone())
        .init()
        .expect("it starts");
    (0..CAP).for_each(|visitor| record(&visitor.to_string()));

    let exposition = telemetry.exposition().expect("it is scraped");
    let samples = Samples::parse(&exposition);
    for (name, r#type) in [("parts_visits_total", "counter"), ("parts_waits_seconds_count", "histogram")] {
        let family = name.trim_end_matches("_count");
        assert_eq!(exposition.matches(&format!("# TYPE {family} {}\n", r#type)).count(), 1, "{name}");
        assert_eq!(samples.all(name, &[]).count(), CAP, "{name}");
    }
    assert!(!exposition.contains("otel_scope"), "the parts are no labels");
    assert_eq!(samples.sum("parts_visits_total", &[]), 3.0 * CAP as f64);

    let families = registry.gather();
    let family = families.iter().find(|family| family.name() == "parts_visits_total").expect("it is exported");
    assert_eq!(family.get_metric().len(), CAP);
    let labels = family.get_metric().iter().flat_map(|metric| metric.get_label());
    assert!(labels.map(|label| label.name()).all(|name| ["service", "visitor"].contains(&name)));

    telemetry.force_flush().into_result().expect("the sink accepts the push");
    let request = sink.next().request;
    let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let scopes: Vec<_> =
        scopes.filter(|scope| scope.metrics.iter().any(|metric| metric.name == "parts.visits")).collect();
    let [scope] = scopes[..] else { panic!("{} scopes", scopes.len()) };
    assert!(scope.scope.as_ref().is_some_and(|scope| scope.attributes.is_empty()));
    for (name, ..) in METRICS {
        assert_eq!(scope.metrics.iter().filter(|metric| metric.name == name).count(), 1, "{name}");
    }
}

/// New series in every part, while one exporter scrapes, one gets deltas and one cumulative values.
#[test]
fn collections_lose_and_duplicate_nothing() {
    isolated!();
    const THREADS: usize = 4;
    let (deltas, totals) = (FakeExporter::with_delta_temporality(), FakeExporter::default());
    let telemetry = builder()
        .exporter("prometheus")
        .without_listener()
        .push_exporter("deltas", deltas.clone())
        .push_exporter("totals", totals.clone())
        .interval(Duration::from_secs(3600))
        .init()
        .expect("it starts");
    let (recorded, ended) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let (recorded, ended, telemetry) = (&recorded, &ended, &telemetry);
        let recording: Vec<_> = (0..THREADS)
            .map(|of| {
                scope.spawn(move || {
                    for n in 0..CAP / 2 {
                        // Two threads each record the same visitor at about the same time.
                        let visitor = format!("{} {n}", of / 2);
                        VISITS.add(1, VISITS { visitor: &visitor });
                        order(&visitor);
                        recorded.fetch_add(1, Ordering::Release);
                    }
                })
            })
            .collect();
        scope.spawn(move || {
            while !ended.load(Ordering::Acquire) {
                telemetry.force_flush().into_result().expect("the exporters take it");
            }
        });
        scope.spawn(move || {
            while !ended.load(Ordering::Acquire) {
                let at_least = recorded.load(Ordering::Acquire) as f64;
                let samples = Samples::of(telemetry);
                // A collection that begins after a record has returned contains it.
                for metric in ["parts_visits_total", "parts_orders_total", "parts_order_duration_seconds_count"] {
                    let seen = samples.sum(metric, &[]);
                    assert!(seen >= at_least, "{metric}: {seen} of {at_least}");
                }
            }
        });
        let recorded: Vec<_> = recording.into_iter().map(|thread| thread.join()).collect();
        ended.store(true, Ordering::Release);
        assert!(recorded.iter().all(Result::is_ok), "recording does not panic");
    });
    telemetry.shutdown().into_result().expect("nothing is lost");
    let all = (THREADS * CAP / 2) as u64;
    let sum = |exports: Vec<phoenix_otel::testing::Snapshot>| exports.iter().map(|of| of.total(&VISITS)).sum::<u64>();
    assert_eq!(sum(deltas.exports()), all);
    assert_eq!(totals.last().total(&VISITS), all);
    assert_eq!(totals.last().total(&ORDERS), all);
    assert_eq!(deltas.exports().iter().map(|of| of.total(&ORDERS)).sum::<u64>(), all);
}
