//! The self-monitoring metrics of metric export, by scrape and over OTLP.

use std::time::{Duration, SystemTime};

use phoenix_otel::{Otlp, Telemetry, TemporalityPreference, metrics};
use phoenix_otel_tests::otlp_sink::{Answer, Received, Sink};
use phoenix_otel_tests::receiver_down::{Failure, ReceiverDown, pushing};
use phoenix_otel_tests::{Samples, http, wait_until};

metrics! {
    /// Orders, by country.
    static ORDERS: Counter { country: &str } = "acme.orders" { unit: "{order}", cap: 3 };
    /// Waiting.
    static WAITING: ObservableGauge { queue: &str } = "acme.waiting" { unit: "{job}" };
}

const POINTS: &str = "otel_sdk_exporter_metric_data_point_exported_total";
pub(super) const OPERATIONS: &str = "otel_sdk_exporter_operation_duration_seconds_count";
const COLLECTIONS: &str = "otel_sdk_metric_reader_collection_duration_seconds_count";
const LAST: &str = "phoenix_otel_last_export_timestamp_seconds";
const HTTP: &str = "otlp_http_metric_exporter";
const SCRAPE: &str = "prometheus_http_text_metric_exporter";
const PERIODIC: &str = "periodic_metric_reader";

/// Returns the value of the series with this component and this `error_type`. Success has no such label.
pub(super) fn of(samples: &Samples, name: &str, component: &str, error: Option<&str>) -> Option<f64> {
    let labels = [("otel_component_type", component)];
    let found: Vec<_> = samples
        .all(name, &labels)
        .filter(|sample| sample.labels.get("error_type").map(String::as_str) == error)
        .collect();
    assert!(found.len() < 2, "{found:#?}");
    found.first().map(|sample| sample.value)
}

fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64()
}

fn scraped(telemetry: &Telemetry) -> Samples {
    let address = wait_until("the endpoint to listen", || telemetry.scrape_address().ok_or("it does not yet"));
    Samples::parse(&http::get(&format!("http://{address}/metrics"), &[]).unwrap().ok().unwrap())
}

/// Returns how many data points of a metric a request contains.
fn points(received: &Received) -> usize {
    use opentelemetry_proto::tonic::metrics::v1::metric::Data;
    let resources = received.request.resource_metrics.iter();
    let metrics = resources.flat_map(|resource| &resource.scope_metrics).flat_map(|scope| &scope.metrics);
    metrics
        .map(|metric| match metric.data.as_ref().unwrap() {
            Data::Gauge(gauge) => gauge.data_points.len(),
            Data::Sum(sum) => sum.data_points.len(),
            Data::Histogram(histogram) => histogram.data_points.len(),
            other => panic!("{other:?}"),
        })
        .sum()
}

#[test]
fn a_push_is_counted_by_its_result() {
    phoenix_otel_tests::isolated!();
    let refuse = Answer::Refuse(400, "no");
    let sink = Sink::http(None, &[Answer::Accept, refuse, Answer::Reject(5, "five of them"), Answer::Hang]);
    let builder = pushing("http/protobuf", &format!("127.0.0.1:{}", sink.port()));
    // With deltas there is no push at the start.
    let otlp = Otlp::new().timeout(Duration::from_secs(2)).temporality(TemporalityPreference::Delta);
    let builder = builder.exporter(otlp).exporter("prometheus");
    let telemetry = builder.without_listener().init().unwrap();

    // All known series exist before the first push.
    let before = Samples::of(&telemetry);
    for outcome in [None, Some("failed"), Some("timeout"), Some("panic"), Some("abandoned"), Some("busy")] {
        assert_eq!(of(&before, POINTS, HTTP, outcome), Some(0.0), "{outcome:?}");
        assert_eq!(of(&before, OPERATIONS, HTTP, outcome), Some(0.0), "{outcome:?}");
    }
    assert_eq!(of(&before, POINTS, HTTP, Some("rejected")), Some(0.0));
    for outcome in [None, Some("failed"), Some("timeout"), Some("panic"), Some("busy")] {
        assert_eq!(of(&before, COLLECTIONS, PERIODIC, outcome), Some(0.0), "{outcome:?}");
    }
    assert_eq!(before.get(LAST, &[("exporter", "otlp")]), None);
    // Exporters that are not configured have no series.
    assert_eq!(of(&before, POINTS, "otlp_grpc_metric_exporter", None), None);

    let begun = now();
    telemetry.force_flush().into_result().unwrap();
    let delivered = points(&sink.next());
    let first = Samples::of(&telemetry);
    assert_eq!(of(&first, POINTS, HTTP, None), Some(delivered as f64));
    let last = first.get(LAST, &[("exporter", "otlp")]).unwrap();
    assert!((begun - 1.0..=now() + 1.0).contains(&last), "{last}");

    telemetry.force_flush().into_result().unwrap_err();
    let refused = points(&sink.next());
    telemetry.force_flush().into_result().unwrap_err();
    let third = sink.next();
    // The next push contains the result of the rejected one.
    assert!(third.metric("otel.sdk.exporter.metric_data_point.exported").is_some());
    telemetry.force_flush().into_result().unwrap_err();
    let hung = points(&sink.next());

    let after = Samples::of(&telemetry);
    assert_eq!(of(&after, POINTS, HTTP, None), Some((delivered + points(&third) - 5) as f64));
    assert_eq!(of(&after, POINTS, HTTP, Some("rejected")), Some(5.0));
    assert_eq!(of(&after, POINTS, HTTP, Some("failed")), Some(refused as f64));
    assert_eq!(of(&after, POINTS, HTTP, Some("timeout")), Some(hung as f64));
    assert_eq!(of(&after, OPERATIONS, HTTP, None), Some(2.0));
    assert_eq!(of(&after, OPERATIONS, HTTP, Some("failed")), Some(1.0));
    assert_eq!(of(&after, OPERATIONS, HTTP, Some("timeout")), Some(1.0));
    assert_eq!(of(&after, COLLECTIONS, PERIODIC, None), Some(4.0));
    // If a later export fails, the time of the last successful export stays.
    assert!(after.get(LAST, &[("exporter", "otlp")]).unwrap() >= last);
}

/// The attributes have the names of the conventions. Success has no `error.type`.
#[test]
fn otlp_has_the_names_of_the_conventions() {
    phoenix_otel_tests::isolated!();
    use opentelemetry_proto::tonic::metrics::v1::metric::Data;
    let sink = Sink::grpc(None, &[]);
    let telemetry = pushing("grpc", &format!("127.0.0.1:{}", sink.port())).init().unwrap();
    telemetry.force_flush().into_result().unwrap();
    let received = sink.next();
    let exported = received.metric("otel.sdk.exporter.metric_data_point.exported").unwrap();
    let Some(Data::Sum(sum)) = &exported.data else { panic!("{exported:?}") };
    let attributes = |point: &opentelemetry_proto::tonic::metrics::v1::NumberDataPoint| -> Vec<String> {
        let mut names: Vec<_> = point.attributes.iter().map(|attribute| attribute.key.clone()).collect();
        names.sort();
        names
    };
    let component = ["otel.component.name", "otel.component.type"];
    assert_eq!(sum.data_points.iter().filter(|point| attributes(point) == component).count(), 1);
    let failed = ["error.type", "otel.component.name", "otel.component.type"];
    assert_eq!(sum.data_points.iter().filter(|point| attributes(point) == failed).count(), 6);
    assert_eq!((exported.unit.as_str(), sum.data_points.len()), ("{data_point}", 7));
    // There is no scrape endpoint, so there are no series of scrapes.
    assert!(received.metric("phoenix.otel.scrapes").is_none());
    telemetry.force_flush().into_result().unwrap();
    let second = sink.next();
    let before = points(&sink.next_initial()) + points(&received);
    assert_eq!(second.sum("otel.sdk.exporter.metric_data_point.exported"), Some(before as i64));
}

#[test]
fn an_abandoned_push_is_counted() {
    phoenix_otel_tests::isolated!();
    let dead = ReceiverDown::new(Failure::Hangs);
    let builder = pushing("http/protobuf", &dead.address()).export_timeout(Duration::from_secs(600));
    let otlp = Otlp::new().timeout(Duration::from_secs(600)).temporality(TemporalityPreference::Delta);
    let builder = builder.exporter(otlp).shutdown_timeout(Duration::from_secs(2));
    let telemetry = builder.init().unwrap();
    // A telemetry that is shut down is no longer read, but handles record to the newest `init`.
    let reading = phoenix_otel::builder("reads").exporter("prometheus").without_listener().init().unwrap();
    std::thread::scope(|scope| {
        let flush = scope.spawn(|| telemetry.force_flush());
        wait_until("the push to be under way", || {
            let seen = of(&Samples::of(&reading), COLLECTIONS, PERIODIC, None);
            if seen == Some(1.0) { Ok(()) } else { Err(format!("{seen:?}")) }
        });
        telemetry.shutdown().into_result().unwrap_err();
        flush.join().unwrap().into_result().unwrap_err();
    });
    let samples = Samples::of(&reading);
    // The push that was in flight, and the last one, which the shutdown timeout ended.
    assert_eq!(of(&samples, OPERATIONS, HTTP, Some("abandoned")), Some(1.0));
    assert_eq!(of(&samples, OPERATIONS, HTTP, Some("timeout")), Some(1.0));
}

#[test]
fn scrapes_are_counted_by_status() {
    phoenix_otel_tests::isolated!();
    let telemetry =
        phoenix_otel::builder("scraped").exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0));
    let telemetry = telemetry.init().unwrap();
    let first = scraped(&telemetry);
    for status in ["200", "404", "500", "503", "cancelled"] {
        assert_eq!(first.get("phoenix_otel_scrapes_total", &[("status", status)]), Some(0.0), "{status}");
    }
    assert_eq!(first.get("phoenix_otel_scrape_duration_seconds_count", &[]), Some(0.0));
    assert_eq!(first.get(LAST, &[("exporter", "prometheus")]), None);
    assert_eq!(of(&first, COLLECTIONS, SCRAPE, Some("panic")), Some(0.0));

    let begun = now();
    scraped(&telemetry);
    // The client receives the response a moment before it is counted.
    let samples = wait_until("the scrapes to be counted", || {
        let samples = Samples::of(&telemetry);
        match samples.get("phoenix_otel_scrapes_total", &[("status", "200")]) {
            Some(2.0) => Ok(samples),
            other => Err(format!("{other:?}")),
        }
    });
    assert_eq!(samples.get("phoenix_otel_scrape_duration_seconds_count", &[]), Some(2.0));
    assert!(samples.get("phoenix_otel_scrape_duration_seconds_sum", &[]).unwrap() > 0.0);
    assert!(samples.get(LAST, &[("exporter", "prometheus")]).unwrap() >= begun - 1.0);
    let exported = of(&samples, POINTS, SCRAPE, None).unwrap();
    assert!(exported > 20.0, "{exported}");
    assert_eq!(of(&samples, OPERATIONS, SCRAPE, None), of(&samples, COLLECTIONS, SCRAPE, None));
}

#[test]
fn the_series_of_each_metric_are_counted() {
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("series").exporter("prometheus").without_listener().init().unwrap();
    let waiting = WAITING.observe(|observer| {
        for queue in ["mail", "print"] {
            observer.observe(1.0, WAITING { queue });
        }
    });
    let series = |metric: &str| Samples::of(&telemetry).get("phoenix_otel_series", &[("metric", metric)]);
    assert_eq!(series("acme_orders_total"), None);
    for country in ["nl", "de", "nl"] {
        ORDERS.add(1, ORDERS { country });
    }
    assert_eq!(series("acme_orders_total"), Some(2.0));
    for country in ["fr", "it", "es"] {
        ORDERS.add(1, ORDERS { country });
    }
    assert_eq!(series("acme_orders_total"), Some(3.0), "as many as its cap allows");
    assert_eq!(series("acme_waiting"), Some(2.0));
    assert_eq!(series("phoenix_otel_scrapes_total"), Some(5.0));
    assert_eq!(series("otel_sdk_exporter_metric_data_point_exported_total"), Some(2.0));
    assert!(series("phoenix_otel_series").is_some_and(|series| series > 5.0), "it counts its own, too");
    assert_eq!(series("phoenix_llm_tokens_total"), None, "what the service does not have");
    drop(waiting);
    scraped_once(&telemetry);
    assert_eq!(series("acme_waiting"), None, "the series has ended");
}

/// The number of observed series is that of the previous collection.
fn scraped_once(telemetry: &Telemetry) {
    let _ = Samples::of(telemetry);
}
