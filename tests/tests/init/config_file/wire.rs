//! What a file does: exporters, views and the resource, seen by those who receive the metrics.

use phoenix_otel::testing::FakeCollector;
use phoenix_otel::{Telemetry, metrics};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::{Samples, isolated};

use super::service;

metrics! {
    /// Sizes.
    static SIZE: Histogram { of: &str, id: &str } = "config_file.size" { unit: "By", bounds: [1.0, 10.0] };
    /// Orders.
    static ORDERS: Counter { country: &str } = "config_file.orders" { unit: "{order}", cap: 100 };
    /// Noise.
    static NOISE: Counter = "config_file.noise" { unit: "{noise}" };
    /// Waits.
    static WAIT: Histogram = "config_file.wait" { unit: "s", bounds: [1.0] };
    /// Delays.
    static DELAY: Summary = "config_file.delay" { unit: "s" };
}

const VIEWS: &str = "  views:
    - selector: { instrument_name: config_file.size }
      stream: { aggregation: { explicit_bucket_histogram: { boundaries: [5, 50] } }, attribute_keys: { excluded: [id] } }
    - selector: { instrument_name: config_file.orders }
      stream: { name: config_file.sales, description: Sales., aggregation_cardinality_limit: 2 }
    - selector: { instrument_name: config_file.n*, instrument_type: counter }
      stream: { aggregation: { drop: } }
    - selector: { instrument_name: config_file.wait, unit: s }
      stream: { aggregation: { base2_exponential_bucket_histogram: { max_size: 20, max_scale: 3 } } }
";

fn record() {
    for (of, id) in [("a", "1"), ("a", "2"), ("b", "3")] {
        SIZE.record(7.0, SIZE { of, id });
    }
    for country in ["nl", "de", "fr", "it"] {
        ORDERS.add(1, ORDERS { country });
    }
    NOISE.add(1, ());
    WAIT.record(0.5, ());
}

#[test]
fn an_otlp_exporter_pushes_as_the_file_says() {
    isolated!();
    let collector = FakeCollector::start().expect("it listens");
    let file = format!(
        r#"file_format: "1.1"
resource:
  attributes:
    - {{ name: service.name, value: shop }}
    - {{ name: numbers, value: [1, 2], type: int_array }}
    - {{ name: ratio, value: 0.5, type: double }}
    - {{ name: live, value: true, type: bool }}
meter_provider:
  readers:
    - periodic:
        interval: 3600000
        exporter:
          otlp_http:
            endpoint: {}/otlp/v1/metrics
            headers: [{{ name: x-tenant, value: "${{TENANT}}" }}]
            headers_list: "x-tenant=other,x-more=a%20b"
            compression: gzip
            temporality_preference: delta
"#,
        collector.endpoint()
    );
    let telemetry = service(&file, &[("TENANT", "acme")]).init().expect("valid");
    ORDERS.add(2, ORDERS { country: "nl" });
    telemetry.force_flush().into_result().expect("the collector accepts it");
    // With delta temporality nothing is pushed at the start.
    let received = collector.next();
    assert_eq!(received.path, "/otlp/v1/metrics");
    let header = |name: &str| received.headers[name].to_str().expect("text").to_owned();
    assert_eq!(
        (header("x-tenant"), header("x-more"), header("content-encoding")),
        ("acme".to_owned(), "a b".to_owned(), "gzip".to_owned())
    );
    assert_eq!(received.snapshot.total(&ORDERS), 2);
    let resource = |key: &str| received.resource(key);
    assert_eq!(resource("service.name").as_deref(), Some("shop"));
    assert_eq!(resource("ratio").as_deref(), Some("0.5"));
    assert_eq!(resource("live").as_deref(), Some("true"));
    assert_eq!(resource("numbers").as_deref(), Some("[1,2]"));
    ORDERS.add(3, ORDERS { country: "nl" });
    telemetry.force_flush().into_result().expect("the collector accepts it");
    assert_eq!(collector.next().snapshot.total(&ORDERS), 3);
}

#[test]
fn the_interval_of_the_file_pushes() {
    isolated!();
    let collector = FakeCollector::start().expect("it listens");
    let file = format!(
        "file_format: '1.1'\nmeter_provider: {{readers: [{{periodic: {{interval: 20, exporter: {{otlp_http: {{endpoint: '{}/v1/metrics'}}}}}}}}]}}",
        collector.endpoint()
    );
    let _telemetry = service(&file, &[]).init().expect("valid");
    // The default is a minute, and so is the timeout of `next`: more pushes than the first one and that of the start come by the interval.
    (0..5).for_each(|_| _ = collector.next());
}

#[test]
fn spans_go_where_the_file_says() {
    isolated!();
    let sink = Sink::http(None, &[]);
    let file = format!(
        "file_format: '1.1'\nresource: {{attributes: [{{name: service.name, value: traced}}]}}\n\
         tracer_provider:\n  processors: [{{simple: {{exporter: {{otlp_http: {{endpoint: 'http://127.0.0.1:{}/v1/traces', headers: [{{name: x-tenant, value: acme}}]}}}}}}}}]\n  \
         sampler: {{always_on: }}",
        sink.port()
    );
    let nothing: [(&str, &str); 0] = [];
    let telemetry = phoenix_otel::builder("config-file").environment(nothing).config(file).init().expect("valid");
    tracing::info_span!("handled").in_scope(|| {});
    telemetry.force_flush().into_result().expect("the sink accepts it");
    let received = sink.next_spans();
    assert_eq!(received.header("x-tenant"), Some("acme"));
    assert_eq!(received.spans().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["handled"]);
}

#[test]
fn views_of_the_file_change_the_exposition() {
    isolated!();
    let file = format!(
        "file_format: '1.1'\nmeter_provider:\n  readers: [{{ pull: {{ exporter: {{ prometheus/development: }} }} }}]\n{VIEWS}"
    );
    let telemetry = service(&file, &[]).without_listener().init().expect("valid");
    record();
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("config_file_size_bytes_bucket", &[("of", "a"), ("le", "5")]), Some(0.0));
    assert_eq!(samples.get("config_file_size_bytes_bucket", &[("of", "a"), ("le", "50")]), Some(2.0));
    assert_eq!(samples.get("config_file_size_bytes_bucket", &[("of", "a"), ("le", "10")]), None);
    assert_eq!(samples.sum("config_file_sales_total", &[]), 4.0);
    let series = samples.all("config_file_sales_total", &[]).count();
    assert!(series <= 3, "two series and the overflow: {series}");
    let exposition = telemetry.exposition().expect("an exposition");
    assert!(exposition.contains("# HELP config_file_sales_total Sales."), "{exposition}");
    assert!(!exposition.contains("config_file_noise") && !exposition.contains("config_file_orders"));
    // An exponential histogram has buckets of a growth in the text formats.
    assert_eq!(samples.get("config_file_wait_seconds_count", &[]), Some(1.0));
}

#[test]
fn a_scope_of_a_test_has_the_views_and_names_of_the_file() {
    let file = format!(
        "file_format: '1.1'\nmeter_provider:\n  readers: [{{ periodic: {{ exporter: {{ otlp_http: {{ endpoint: 'http://127.0.0.1:1' }} }} }} }}]\n{VIEWS}"
    );
    let scope = service(&file, &[]).scope().expect("valid");
    scope.run(record);
    let text = scope.snapshot().to_string();
    assert!(text.contains(r#"config_file_sales_total{country="nl"} 1"#), "{text}");
    assert!(!text.contains("config_file_noise"), "{text}");
}

/// A service whose meter provider has also these keys.
fn with_meter_provider(keys: &str) -> Telemetry {
    let reader = "readers: [{ pull: { exporter: { prometheus/development: } } }]";
    let file = format!("file_format: '1.1'\nmeter_provider: {{ {reader}, {keys} }}");
    service(&file, &[]).without_listener().init().expect("valid")
}

/// Views that do not drop a metric: they restore what an earlier view drops.
const KEEPING: &str = "views: [{ selector: { instrument_name: their.count }, stream: { attribute_keys: { excluded: [a] } } }, \
     { selector: { instrument_name: their.c* }, stream: { aggregation_cardinality_limit: 9 } }, \
     { selector: { instrument_name: their.size }, stream: { name: their.length } }]";

#[test]
fn no_view_exports_a_metric_of_a_disabled_meter() {
    isolated!();
    for (meters, exported) in [
        ("meters: [{ name: their-lib, config: { enabled: false } }]", false),
        ("default_config: { enabled: false }, meters: [{ name: phoenix-otel, config: { enabled: true } }]", false),
        ("default_config: { enabled: false }, meters: [{ name: their-*, config: { enabled: true } }]", true),
    ] {
        let telemetry = with_meter_provider(&format!("meter_configurator/development: {{ {meters} }}, {KEEPING}"));
        let meter = opentelemetry::global::meter("their-lib");
        meter.u64_counter("their.count").build().add(1, &[opentelemetry::KeyValue::new("a", "b")]);
        meter.u64_counter("their.size").build().add(1, &[]);
        let shown = telemetry.exposition().expect("an exposition");
        for family in ["their_count_total", "their_length_total"] {
            assert_eq!(shown.contains(family), exported, "{family} with {meters}:\n{shown}");
        }
        // The meter of this crate is enabled in the other cases.
        assert_eq!(shown.contains("\nphoenix_otel_series{"), !exported, "{shown}");
    }
}

/// A view of a file that drops metrics selects instruments, as a view in code does, and not the names that other views give.
#[test]
fn a_view_that_drops_metrics_selects_instruments() {
    isolated!();
    let view =
        |name: &str, stream: &str| format!("{{ selector: {{ instrument_name: {name} }}, stream: {{ {stream} }} }}");
    let drop = |name: &str| view(name, "aggregation: { drop: }");
    let [ours, theirs] = ["config_file.noise", "their.count"].map(|name| view(name, "name: renamed"));
    let kept = |name| format!("{}, {}", view(name, "description: Kept."), drop(name));
    let summary = view("config_file.delay", "");
    for (views, shown, hidden) in [
        ([ours.clone(), drop("renamed")], &["renamed_total"][..], &["config_file_noise_total"][..]),
        ([theirs.clone(), drop("renamed")], &["renamed_total"], &["their_count_total"]),
        // The metric has two streams, and this is the other one.
        ([theirs.clone(), drop("their.count")], &["renamed_total"], &["their_count_total"]),
        ([theirs.clone(), kept("their.count")], &["renamed_total"], &["their_count_total"]),
        ([kept("their.count"), theirs.clone()], &["renamed_total"], &["their_count_total"]),
        ([drop("'*'"), ours], &["renamed_total"], &["config_file_noise_total", "their_count_total"]),
        ([drop("'*'"), theirs], &["renamed_total"], &["config_file_noise_total", "their_count_total"]),
        ([drop("'*'"), summary], &["config_file_delay_seconds_count"], &["their_count_total"]),
        ([drop("'*.count'"), drop("none")], &["config_file_delay_seconds_count"], &["their_count_total"]),
    ] {
        let views = views.join(", ");
        let telemetry = with_meter_provider(&format!("views: [{views}]"));
        NOISE.add(1, ());
        DELAY.record(0.5, ());
        opentelemetry::global::meter("their-lib").u64_counter("their.count").build().add(1, &[]);
        let exposition = telemetry.exposition().expect("an exposition");
        let has = |family: &str| exposition.lines().any(|line| line.starts_with(family));
        let wrong: Vec<_> =
            shown.iter().filter(|name| !has(name)).chain(hidden.iter().filter(|name| has(name))).collect();
        assert!(wrong.is_empty(), "{wrong:?} with {views}:\n{exposition}");
    }
}

/// A cardinality limit is the cap of each stream for which no view sets one. It adds no stream.
#[test]
fn a_limit_of_a_reader_is_the_cap_of_each_stream() {
    isolated!();
    let reader =
        "pull: { exporter: { prometheus/development: }, cardinality_limits: { default: 3, up_down_counter: 1 } }";
    let views = ["config_file.orders", "their.count"]
        .map(|name| format!("{{ selector: {{ instrument_name: {name} }}, stream: {{ name: renamed.{name} }} }}"));
    let capped = "{ selector: { instrument_name: their.capped }, stream: { aggregation_cardinality_limit: 2 } }";
    let views = format!("{}, {capped}", views.join(", "));
    let file = format!("file_format: '1.1'\nmeter_provider: {{ readers: [{{ {reader} }}], views: [{views}] }}");
    let telemetry = service(&file, &[]).without_listener().init().expect("valid");
    let meter = opentelemetry::global::meter("their-lib");
    let [count, capped] = ["their.count", "their.capped"].map(|name| meter.u64_counter(name).build());
    let (up_down, plain) = (meter.i64_up_down_counter("their.level").build(), meter.u64_counter("their.plain").build());
    for country in ["nl", "de", "fr", "it", "be", "at"] {
        ORDERS.add(1, ORDERS { country });
        let attributes = [opentelemetry::KeyValue::new("country", country)];
        [&count, &capped, &plain].iter().for_each(|counter| counter.add(1, &attributes));
        up_down.add(1, &attributes);
    }
    let exposition = telemetry.exposition().expect("an exposition");
    let samples = Samples::of(&telemetry);
    for (family, cap) in [
        ("renamed_config_file_orders_total", 3),
        ("renamed_their_count_total", 3),
        ("their_plain_total", 3),
        ("their_capped_total", 2),
        ("their_level", 1),
    ] {
        let countries = samples.all(family, &[]).count() - 1;
        assert_eq!((countries, samples.sum(family, &[])), (cap, 6.0), "{family}, with the overflow:\n{exposition}");
    }
    for family in ["config_file_orders", "their_count"] {
        assert!(!exposition.lines().any(|line| line.starts_with(family)), "{family}:\n{exposition}");
    }
}
