//! Every kind of metric is read as a number of its type, under the names and views of the service.

use std::time::Duration;

use phoenix_otel::testing::{self, Scope};
use phoenix_otel::{Call, ErrorType, Label, Outcome as _, Status, View, instrument_metrics, measure, metrics};
use phoenix_otel_tests::block_on;

#[derive(Clone, Copy, Label)]
enum Channel {
    Web,
    Shop,
}

metrics! {
    /// Orders.
    static ORDERS: Counter { channel: Channel, country: &str } = "reading.orders" { unit: "{order}", cap: 3 };
    /// Euros.
    static EUROS: Counter<f64> = "reading.euros" { unit: "{EUR}" };
    /// Those that wait.
    static WAITING: UpDownCounter { country: &str } = "reading.waiting" {};
    /// A level.
    static LEVEL: Gauge { tank: &str } = "reading.level" { unit: "1" };
    /// Sizes.
    static SIZE: Histogram { country: &str } = "reading.size" { unit: "By", bounds: [1.0, 10.0, 100.0] };
    /// Latencies.
    static LATENCY: Summary { country: &str } = "reading.latency" { unit: "s" };
    /// Imports.
    static IMPORTS: Counter { tenant: &str, status: Status } = "reading.imports" { unit: "{import}" };
    /// Time to import.
    static IMPORT_DURATION: Histogram = "reading.import.duration" { unit: "s", bounds: [0.1, 1.0] };
    /// Failed imports.
    static IMPORT_ERRORS: Counter { tenant: &str, error_type: &str } = "reading.import.errors" { unit: "{error}" };
    /// Imports in flight.
    static IMPORTS_ACTIVE: UpDownCounter { tenant: &str } = "reading.imports.active" {};
    /// One import.
    static IMPORT: CallSet { tenant: &str } = {
        requests: IMPORTS, duration: IMPORT_DURATION, errors: IMPORT_ERRORS, active: IMPORTS_ACTIVE,
    };
}

#[derive(Debug, ErrorType)]
enum ImportError {
    Empty,
    TooLarge,
}

fn order(channel: Channel, country: &str) {
    ORDERS.add(1, ORDERS { channel, country });
}

#[test]
fn sums_are_read_by_labels_and_in_total() {
    let scope = testing::scope("reading");
    assert_eq!(scope.value(&ORDERS, ORDERS { channel: Channel::Web, country: "nl" }), 0);
    scope.run(|| {
        order(Channel::Web, "nl");
        order(Channel::Web, "nl");
        order(Channel::Shop, "nl");
        EUROS.add(0.5, ());
        EUROS.add(0.25, ());
        WAITING.add(-3, WAITING { country: "de" });
        WAITING.add(1, WAITING { country: "fr" });
    });
    let orders = |channel, country| scope.value(&ORDERS, ORDERS { channel, country });
    assert_eq!([orders(Channel::Web, "nl"), orders(Channel::Shop, "nl"), orders(Channel::Web, "de")], [2, 1, 0]);
    assert_eq!(scope.total(&ORDERS), 3);
    assert_eq!(scope.value(&EUROS, ()), 0.75);
    assert_eq!(scope.value(&WAITING, WAITING { country: "de" }), -3);
    assert_eq!(scope.total(&WAITING), -2);
    let waiting = scope.run(|| WAITING.increment_guard(WAITING { country: "de" }));
    assert_eq!(scope.value(&WAITING, WAITING { country: "de" }), -2);
    drop(waiting);
    assert_eq!(scope.value(&WAITING, WAITING { country: "de" }), -3);
}

#[test]
fn a_gauge_has_a_value_once_it_was_set() {
    let scope = testing::scope("reading");
    scope.run(|| LEVEL.set(0.0, LEVEL { tank: "a" }));
    assert_eq!(scope.value(&LEVEL, LEVEL { tank: "a" }), Some(0.0));
    assert_eq!(scope.value(&LEVEL, LEVEL { tank: "b" }), None);
}

#[test]
fn a_histogram_has_a_count_a_sum_and_quantiles() {
    let scope = testing::scope("reading");
    scope.run(|| {
        for value in [0.5, 1.0, 5.0, 10.0, 50.0, 1000.0] {
            SIZE.record(value, SIZE { country: "nl" });
        }
        SIZE.record(2.0, SIZE { country: "de" });
    });
    let size = scope.value(&SIZE, SIZE { country: "nl" });
    assert_eq!((size.count, size.sum), (6, 1066.5));
    assert_eq!(size.buckets.iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [2, 2, 1, 1]);
    // As `histogram_quantile` of Prometheus does: linear within a bucket, and the last bound beyond it.
    assert_eq!([0.0, 0.25, 0.5, 1.0].map(|q| size.quantile(q)), [Some(0.0), Some(0.75), Some(5.5), Some(100.0)]);
    assert_eq!(scope.total(&SIZE).count, 7);
    assert_eq!(scope.value(&SIZE, SIZE { country: "fr" }).quantile(0.5), None);
}

#[test]
fn a_summary_has_quantiles_of_its_window() {
    let scope = testing::scope("reading");
    scope.run(|| (1..=100).for_each(|n| LATENCY.record(f64::from(n), LATENCY { country: "nl" })));
    let latency = || scope.value(&LATENCY, LATENCY { country: "nl" });
    assert_eq!((latency().count, latency().sum), (100, 5050.0));
    let median = latency().quantile(0.5).unwrap();
    assert!((median - 50.0).abs() < 1.0, "{median}");
    assert_eq!(scope.value(&LATENCY, LATENCY { country: "de" }).count, 0);
    // Ten minutes later the window is empty, and the count still has all observations.
    scope.advance(Duration::from_secs(11 * 60));
    assert_eq!((latency().count, latency().quantile(0.5)), (100, None));
}

#[test]
fn a_call_set_has_its_counts_by_status_and_by_kind_of_error() {
    let scope = testing::scope("reading");
    let import = |result: Result<(), ImportError>| {
        block_on(scope.in_scope(measure(&IMPORT, IMPORT { tenant: "acme" }, async { result })))
    };
    let _ = [Ok(()), Err(ImportError::Empty), Err(ImportError::TooLarge), Err(ImportError::Empty)].map(import);
    let in_flight = scope.run(|| Call::start(IMPORT.bind(&IMPORT { tenant: "acme" })));
    scope.run(|| drop(Call::start(IMPORT.bind(&IMPORT { tenant: "other" }))));
    scope.advance(Duration::from_millis(500));

    let calls = || scope.value(&IMPORT, IMPORT { tenant: "acme" });
    assert_eq!((calls().ok, calls().error, calls().cancelled, calls().panic), (1, 3, 0, 0));
    assert_eq!((calls().errors_of("empty"), calls().errors_of("too_large"), calls().errors_of("x")), (2, 1, 0));
    assert_eq!((calls().ended(), calls().active), (4, 1));
    drop(in_flight);
    assert_eq!((calls().cancelled, calls().active), (1, 0));
    // The duration does not have the label, so it covers all tenants.
    assert_eq!((calls().duration.count, calls().duration.sum), (6, 0.5));
    assert_eq!(scope.total(&IMPORT).cancelled, 2);
}

#[test]
fn a_call_has_the_status_that_code_sets() {
    let scope = testing::scope("reading");
    scope.run(|| {
        let start = || Call::start(IMPORT.bind(&IMPORT { tenant: "acme" }));
        start().ok();
        start().error("empty");
        start().finish(&Err::<(), _>(ImportError::TooLarge), |result, verdict| result.judge(verdict));
        drop(start());
    });
    let calls = scope.value(&IMPORT, IMPORT { tenant: "acme" });
    assert_eq!((calls.ok, calls.error, calls.cancelled, calls.panic, calls.active), (1, 2, 1, 0, 0));
    assert_eq!((calls.errors_of("empty"), calls.errors_of("too_large")), (1, 1));
}

#[test]
fn a_timer_records_seconds_when_it_is_dropped() {
    let scope = testing::scope("reading");
    let timer = || scope.run(|| IMPORT_DURATION.timer(()));
    let running = timer();
    scope.advance(Duration::from_millis(250));
    timer().discard();
    assert_eq!(scope.value(&IMPORT_DURATION, ()).count, 0);
    // The timer belongs to the scope in which it started.
    drop(running);
    let panicking = timer();
    scope.advance(Duration::from_secs(2));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _running = panicking;
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(panicked.is_err());
    let duration = scope.value(&IMPORT_DURATION, ());
    assert_eq!((duration.count, duration.sum), (2, 2.25));
    // A histogram of sizes has no timer.
    drop(scope.run(|| SIZE.timer(SIZE { country: "nl" })));
    assert_eq!(scope.value(&SIZE, SIZE { country: "nl" }).count, 0);
}

#[test]
fn a_timer_records_in_each_stream_of_a_view() {
    let views = phoenix_otel::builder("reading").view(View::select("reading.import.duration"));
    let scope = views.view(View::select("reading.import.duration").rename("reading.import.time")).scope().unwrap();
    let timer = scope.run(|| IMPORT_DURATION.timer(()));
    scope.advance(Duration::from_secs(3));
    drop(timer);
    scope.snapshot().assert_text(
        "
        reading_import_duration_seconds count 1, sum 3, (1, inf]: 1
        reading_import_time_seconds count 1, sum 3, (1, inf]: 1
        ",
    );
}

#[test]
fn labels_and_handles_implement_debug() {
    let labels = ORDERS { channel: Channel::Web, country: "nl" };
    assert_eq!(format!("{labels:?}"), r#"ORDERS { channel: "web", country: "nl" }"#);
    assert_eq!(format!("{SIZE:?}"), r#"Histogram("reading.size")"#);
    let metrics =
        r#"["reading.imports", "reading.import.duration", "reading.import.errors", "reading.imports.active"]"#;
    assert_eq!(format!("{IMPORT:?}"), format!("CallSet({metrics})"));
}

#[instrument_metrics]
fn reading_parses(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[instrument_metrics(subsystem = "elsewhere", bounds = [1.0, 2.0])]
fn reading_elsewhere(scope: &Scope) {
    scope.advance(Duration::from_millis(1500));
}

#[test]
fn a_function_is_read_by_its_name() {
    let scope = testing::scope("reading-service");
    let _ = ["1", "2", "x"].map(|text| scope.run(|| reading_parses(text)));
    scope.run(|| reading_elsewhere(&scope));
    let calls = scope.function("reading_parses");
    assert_eq!((calls.ok, calls.error, calls.errors_of("parse_int_error")), (2, 1, 1));
    let elsewhere = scope.function("reading_elsewhere");
    assert_eq!((elsewhere.ok, elsewhere.duration.sum), (1, 1.5));
    assert_eq!(elsewhere.duration.buckets.iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [0, 1, 0]);
}

#[test]
#[should_panic(
    expected = "no instrumented function of this program is called `reading_parse`; did you mean `reading_parses`?"
)]
fn an_unknown_function_is_a_panic() {
    testing::scope("reading").function("reading_parse");
}

#[test]
fn a_snapshot_is_sorted_text() {
    let scope = testing::scope("reading");
    scope.run(|| {
        order(Channel::Web, "nl");
        order(Channel::Web, "a\"b");
        order(Channel::Shop, "de");
        LEVEL.set(0.1 + 0.2, LEVEL { tank: "a" });
        SIZE.record(1.0, SIZE { country: "nl" });
        SIZE.record(500.0, SIZE { country: "nl" });
        SIZE.declare(SIZE { country: "de" });
    });
    let text = r#"
        reading_level_ratio{tank="a"} 0.3
        reading_orders_total{channel="shop",country="de"} 1
        reading_orders_total{channel="web",country="a\"b"} 1
        reading_orders_total{channel="web",country="nl"} 1
        reading_size_bytes{country="de"} count 0
        reading_size_bytes{country="nl"} count 2, sum 501, (-inf, 1]: 1, (100, inf]: 1
    "#;
    let snapshot = scope.snapshot();
    snapshot.assert_text(text);
    let lines: Vec<_> = text.trim().lines().map(str::trim).collect();
    assert_eq!(snapshot.to_string().lines().collect::<Vec<_>>(), lines);
    assert_eq!(snapshot, scope.snapshot());
}

#[test]
fn a_difference_is_a_snapshot() {
    let scope = testing::scope("reading");
    scope.run(|| {
        order(Channel::Web, "nl");
        order(Channel::Web, "de");
        LEVEL.set(1.0, LEVEL { tank: "a" });
        LEVEL.set(2.0, LEVEL { tank: "b" });
        SIZE.record(5.0, SIZE { country: "nl" });
        WAITING.add(2, WAITING { country: "nl" });
    });
    let before = scope.snapshot();
    assert_eq!(scope.since(&before).to_string(), "");
    scope.run(|| {
        order(Channel::Web, "nl");
        LEVEL.set(3.0, LEVEL { tank: "a" });
        SIZE.record(50.0, SIZE { country: "nl" });
        WAITING.add(-1, WAITING { country: "nl" });
        ORDERS.declare(ORDERS { channel: Channel::Web, country: "fr" });
    });
    let changed = scope.since(&before);
    changed.assert_text(
        r#"
        reading_level_ratio{tank="a"} 3
        reading_orders_total{channel="web",country="nl"} 1
        reading_size_bytes{country="nl"} count 1, sum 50, (10, 100]: 1
        reading_waiting{country="nl"} -1
        "#,
    );
    assert_eq!(changed.total(&ORDERS), 1);
    assert_eq!(changed.value(&SIZE, SIZE { country: "nl" }).sum, 50.0);
}

#[test]
fn a_text_that_differs_is_shown_line_by_line() {
    let scope = testing::scope("reading");
    scope.run(|| {
        order(Channel::Web, "nl");
        EUROS.add(2.0, ());
    });
    let snapshot = scope.snapshot();
    let failed = std::panic::catch_unwind(|| {
        snapshot.assert_text("reading_euros_total 2\nreading_orders_total{channel=\"web\",country=\"nl\"} 2");
    });
    let message = failed.expect_err("the counts differ");
    assert_eq!(
        message.downcast_ref::<String>().map(String::as_str),
        Some(
            "the recorded series differ from the expected ones (- expected, + recorded):\n  reading_euros_total 2\n\
             + reading_orders_total{channel=\"web\",country=\"nl\"} 1\n- reading_orders_total{channel=\"web\",country=\"nl\"} 2\n"
        )
    );
}

#[test]
fn a_scope_uses_the_settings_of_its_builder() {
    let builder =
        phoenix_otel::builder("views-service").namespace("acme").environment([("OTEL_EXPORTER_OTLP_ENDPOINT", "%%")]);
    let builder = builder
        .view(View::select("reading.orders").rename("reading.sales").drop_attributes(["country"]))
        .view(View::select("reading.euros").drop_metric())
        .view(View::select("reading.size").exponential(160, 20))
        .view(View::select("reading.latency").keep_attributes::<&str>([]));
    let scope = builder.scope().unwrap();
    scope.run(|| {
        for country in ["nl", "de", "fr", "be"] {
            order(Channel::Web, country);
            SIZE.record(3.0, SIZE { country: "nl" });
            LATENCY.record(1.0, LATENCY { country });
        }
        EUROS.add(1.0, ());
        let _ = reading_parses("7");
    });
    assert_eq!(scope.value(&ORDERS, ORDERS { channel: Channel::Web, country: "any" }), 4);
    assert_eq!(scope.value(&EUROS, ()), 0.0);
    let size = scope.value(&SIZE, SIZE { country: "nl" });
    assert_eq!((size.count, size.sum), (4, 12.0));
    let median = size.quantile(0.5).unwrap();
    assert!((median - 3.0).abs() < 0.1, "{median}");
    assert_eq!(scope.value(&LATENCY, LATENCY { country: "nl" }).count, 4);
    assert_eq!(scope.function("reading_parses").ok, 1);
    let text = scope.snapshot().to_string();
    assert!(text.contains("reading_sales_total{channel=\"web\"} 4\n"), "{text}");
    assert!(text.contains("acme_views_requests_total{method=\"reading_parses\",status=\"ok\"} 1\n"), "{text}");
}

#[test]
fn overflows_and_dropped_values_are_in_a_snapshot() {
    let scope = testing::scope("reading");
    scope.run(|| ["a", "b", "c", "d", "e"].map(|country| order(Channel::Web, country)));
    scope.run(|| LEVEL.set(f64::NAN, LEVEL { tank: "a" }));
    scope.snapshot().assert_text(
        r#"
        phoenix_otel_dropped_total{metric="reading_level_ratio",reason="nan"} 1
        phoenix_otel_overflow_total{metric="reading_orders_total"} 2
        reading_orders_total{channel="web",country="a"} 1
        reading_orders_total{channel="web",country="b"} 1
        reading_orders_total{channel="web",country="c"} 1
        reading_orders_total{otel_metric_overflow="true"} 2
        "#,
    );
}

#[test]
fn an_invalid_builder_is_an_error() {
    let error = phoenix_otel::builder("x").view(View::select("reading.orders").bounds([1.0])).scope().unwrap_err();
    assert_eq!(error.views().count(), 1, "{error}");
}

#[test]
fn declare_all_adds_known_series() {
    let scope = testing::scope("reading");
    scope.declare_all();
    let text = scope.snapshot().to_string();
    assert!(text.contains("phoenix_reading_requests_total{method=\"reading_parses\",status=\"ok\"} 0\n"), "{text}");
    assert_eq!(testing::scope("reading").snapshot().to_string(), "");
}
