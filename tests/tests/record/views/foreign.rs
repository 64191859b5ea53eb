//! Views of metrics that other libraries record with the global meter.

use opentelemetry::{KeyValue, global};
use phoenix_otel::{InstrumentKind, View};
use phoenix_otel_tests::Samples;

use super::metrics::{Channel, ORDERS};
use super::points::pushed;
use super::telemetry::{Ours, builder};

fn attributes(method: &'static str, peer: &'static str) -> [KeyValue; 2] {
    [KeyValue::new("http.method", method), KeyValue::new("net.peer", peer)]
}

/// Records with every kind of instrument, as a library does.
fn record() {
    let meter = global::meter("library.http");
    let sent = meter.u64_counter("http.sent").with_unit("{request}").with_description("Sent.").build();
    let open = meter.i64_up_down_counter("http.open").build();
    let level = meter.f64_gauge("http.level").build();
    let time = meter.f64_histogram("http.time").with_unit("s").build();
    let bound = sent.bind(&attributes("GET", "bound"));
    for (method, peer, n) in [("GET", "a", 1), ("GET", "b", 2), ("PUT", "a", 3)] {
        let attributes = attributes(method, peer);
        sent.add(n, &attributes);
        open.add(n.cast_signed(), &attributes);
        level.record(n as f64, &attributes);
        time.record(n as f64, &attributes);
    }
    bound.add(10);
    meter
        .u64_observable_counter("http.seen")
        .with_callback(|seen| {
            for (method, peer, n) in [("GET", "a", 1), ("GET", "b", 2), ("PUT", "a", 3)] {
                seen.observe(n, &attributes(method, peer));
            }
        })
        .build();
    meter
        .f64_observable_gauge("http.heat")
        .with_callback(|heat| {
            heat.observe(1.0, &attributes("GET", "a"));
            heat.observe(2.0, &attributes("GET", "b"));
        })
        .build();
}

#[test]
fn views_apply_to_instruments_of_other_libraries() {
    phoenix_otel_tests::isolated!();
    let ours = Ours::start([
        View::select("http.*").meter("library.*").drop_attributes(["net.*"]),
        View::select("http.time").bounds([1.5, 2.5]).description("Took."),
        View::select("http.sent").rename("http.sent.all").keep_attributes([""; 0]),
        View::select("http.seen").rename("http.seen.all").keep_attributes([""; 0]),
        View::select("http.level").kind(InstrumentKind::Gauge).drop_metric(),
    ]);
    record();
    let exposition = ours.exposition();
    let samples = Samples::parse(&exposition);
    let of = |name: &str, method| samples.get(name, &[("http_method", method)]);
    assert_eq!((of("http_sent_total", "GET"), of("http_sent_total", "PUT")), (Some(13.0), Some(3.0)));
    assert_eq!(samples.get("http_sent_all_total", &[]), Some(16.0));
    assert_eq!((of("http_open", "GET"), of("http_open", "PUT")), (Some(3.0), Some(3.0)));
    assert_eq!((of("http_seen_total", "GET"), of("http_seen_total", "PUT")), (Some(3.0), Some(3.0)));
    assert_eq!(samples.get("http_seen_all_total", &[]), Some(6.0));
    assert_eq!(of("http_heat", "GET"), Some(2.0));
    assert_eq!(samples.all("http_level", &[]).count(), 0);
    let bucket = |bound| samples.get("http_time_seconds_bucket", &[("http_method", "GET"), ("le", bound)]);
    assert_eq!((bucket("1.5"), bucket("2.5"), bucket("+Inf")), (Some(1.0), Some(2.0), Some(2.0)));
    assert!(exposition.contains("# HELP http_time_seconds Took."), "{exposition}");
    assert!(samples.iter().all(|sample| !sample.labels.contains_key("net_peer")));

    let metrics = pushed(&ours.pushed(), "http.");
    let names = ["http.heat", "http.open", "http.seen", "http.seen.all", "http.sent", "http.sent.all", "http.time"];
    assert_eq!(metrics.keys().collect::<Vec<_>>(), names);
}

#[test]
fn buckets_and_caps_of_other_libraries() {
    phoenix_otel_tests::isolated!();
    let ours = Ours::start([View::select("http.time").exponential(10, 4), View::select("http.sent").cap(2)]);
    record();
    let metrics = format!("{:?}", pushed(&ours.pushed(), "http."));
    assert!(metrics.contains("kind: \"exponential 2\""), "{metrics}");
    let samples = Samples::parse(&ours.exposition());
    // Bound instruments first.
    assert_eq!(samples.get("http_sent_total", &[("net_peer", "bound")]), Some(10.0));
    assert_eq!(samples.get("http_sent_total", &[("otel_metric_overflow", "true")]), Some(5.0));
}

/// A library that creates one instrument per connection, each time with a callback, and a gauge as often.
fn observe_connections() {
    let meter = global::meter("library.pool");
    for (pool, served) in [("a", 1u64), ("b", 2), ("c", 3), ("d", 4)] {
        let attributes = [KeyValue::new("pool", pool), KeyValue::new("kind", "tcp")];
        let of_counter = attributes.clone();
        let counter = meter.u64_observable_counter("pool.served").with_unit("{request}");
        counter.with_callback(move |counter| counter.observe(served, &of_counter)).build();
        let of_level = attributes.clone();
        let level = meter.i64_observable_up_down_counter("pool.open");
        level.with_callback(move |level| level.observe(served.cast_signed(), &of_level)).build();
        let gauge = meter.f64_observable_gauge("pool.heat");
        gauge.with_callback(move |gauge| gauge.observe(served as f64, &attributes)).build();
    }
}

/// The SDK would export only the last observation past the cap, and only the last of those that differ in a dropped attribute.
#[test]
fn observed_sums_of_other_libraries_add_up_past_a_cap_and_without_an_attribute() {
    phoenix_otel_tests::isolated!();
    let capped = Ours::start([View::select("pool.*").cap(1)]);
    observe_connections();
    let exposition = capped.exposition();
    let samples = Samples::parse(&exposition);
    let overflow = |name: &str| samples.get(name, &[("otel_metric_overflow", "true")]);
    assert_eq!(samples.get("pool_served_total", &[("pool", "a")]), Some(1.0), "{exposition}");
    assert_eq!(samples.all("pool_served_total", &[]).count(), 2, "{exposition}");
    assert_eq!(overflow("pool_served_total"), Some(9.0), "{exposition}");
    assert_eq!(overflow("pool_open"), Some(9.0), "{exposition}");
    // A gauge cannot be added up.
    assert_eq!(overflow("pool_heat"), Some(4.0), "{exposition}");
    let pushed = format!("{:?}", pushed(&capped.pushed(), "pool.served"));
    assert!(pushed.contains(r#""otel.metric.overflow=Some(BoolValue(true))": "9""#), "{pushed}");

    let merged = Ours::start([View::select("pool.*").drop_attributes(["pool"])]);
    observe_connections();
    let exposition = merged.exposition();
    let samples = Samples::parse(&exposition);
    let of = |name: &str| samples.get(name, &[("kind", "tcp")]);
    assert_eq!((of("pool_served_total"), of("pool_open")), (Some(10.0), Some(10.0)), "{exposition}");
    assert_eq!(of("pool_heat"), Some(4.0), "{exposition}");
}

#[test]
fn views_select_by_meter() {
    phoenix_otel_tests::isolated!();
    let telemetry = builder([View::select("*").meter("library.*").drop_metric()]).init().expect("it is right");
    record();
    ORDERS.add(1, ORDERS { channel: Channel::Web, tenant: "a" });
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.iter().filter(|sample| sample.name.starts_with("http_")).count(), 0);
    assert_eq!(samples.get("views_compared_orders_total", &[("tenant", "a")]), Some(1.0));
    // Buckets for another library's counter: the view is ignored, and that is reported.
    let telemetry = builder([View::select("http.sent").bounds([1.0])]).init().expect("it cannot be known before");
    record();
    assert_eq!(Samples::of(&telemetry).sum("http_sent_total", &[]), 16.0);
}
