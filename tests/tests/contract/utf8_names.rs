//! UTF-8 names in a real Prometheus: the same by a scrape and over OTLP, for each translation, and with the escaping that Prometheus requests.

use opentelemetry::{InstrumentationScope, KeyValue, global};
use phoenix_otel::{Telemetry, Translation, metrics};
use phoenix_otel_tests::{Prometheus, Samples, assert_same, http, wait_until};

metrics! {
    /// Parcels.
    static PARCELS: Counter { hall: &str } = "utf8.parcels" { unit: "{parcel}" };
    /// Waits.
    static WAIT: Histogram = "utf8.wait" { unit: "s", bounds: [1.0] };
}

fn telemetry(translation: Translation, otlp: Option<&str>) -> Telemetry {
    let endpoint = phoenix_otel::Prometheus::new().host("127.0.0.1").port(0).translation(translation);
    let builder = phoenix_otel::builder("utf8").instance("instance-1").exporter(endpoint);
    let environment = [
        ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "50000"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.unwrap_or("http://127.0.0.1:1")),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
    ];
    let builder = match otlp {
        Some(_) => builder.exporter(phoenix_otel::Otlp::new()),
        None => builder,
    };
    let telemetry = builder.environment(environment).init().expect("valid");
    PARCELS.add(2, PARCELS { hall: "north" });
    WAIT.record(0.5, ());
    let scope = InstrumentationScope::builder("utf8-lib").with_attributes([KeyValue::new("pool.name", "a")]).build();
    let meter = global::meter_with_scope(scope);
    let attributes = [KeyValue::new("http.route", "/"), KeyValue::new("größe", "5"), KeyValue::new("utf8_plain", "x")];
    meter.u64_counter("utf8.requests").build().add(3, &attributes);
    meter.f64_gauge("utf8.hit-ratio").with_unit("1").build().record(0.5, &attributes);
    meter.f64_gauge("utf8.rate").with_unit("By/s").build().record(7.5, &[]);
    meter
        .f64_histogram("utf8.request.duration")
        .with_unit("s")
        .with_boundaries(vec![1.0])
        .build()
        .record(2.0, &attributes);
    telemetry
}

fn address(telemetry: &Telemetry) -> String {
    wait_until("the endpoint to listen", || telemetry.scrape_address().ok_or("it does not yet")).to_string()
}

const ALL: &str = r#"{__name__=~"utf8.+|U__utf8.+"}"#;

fn scraping(telemetry: &Telemetry, settings: &str) -> Prometheus {
    let global = |config: &str| config.replace("\nglobal:\n", &format!("\nglobal:\n{settings}"));
    let builder = Prometheus::from_repository().targets("services", &[&address(telemetry)]);
    let builder = if settings.is_empty() { builder } else { builder.edit_config(global) };
    builder.start()
}

/// The number of series: two counters, two gauges, two histograms with two buckets each.
const SERIES: usize = 4 + 2 * 4;

fn compare(translation: Translation, strategy: &str, expected: [&str; 2]) {
    let strategy = format!("translation_strategy: {strategy}");
    let translated = |config: &str| config.replace("translation_strategy: UnderscoreEscapingWithSuffixes", &strategy);
    let pushed = Prometheus::from_repository().otlp_receiver();
    let pushed = if translation == Translation::default() { pushed } else { pushed.edit_config(translated) }.start();
    let telemetry = telemetry(translation, Some(&pushed.otlp_url()));
    telemetry.force_flush().into_result().expect("the receiver accepts the push");
    // By text, and by protobuf.
    for settings in ["", "  scrape_native_histograms: true\n"] {
        let scraped = scraping(&telemetry, settings);
        let [pushed, scraped] = [&pushed, &scraped].map(|prometheus| {
            let seen = prometheus.wait_for(ALL, |seen| seen.len() == SERIES);
            seen.without(&["job", "instance"])
        });
        assert_same(("by a scrape", &scraped), ("over OTLP", &pushed));
        for name in expected {
            assert!(scraped.iter().any(|(labels, _)| labels["__name__"] == name), "{name} in {}", scraped.lines());
        }
    }
}

#[test]
fn by_default() {
    phoenix_otel_tests::isolated!();
    compare(
        Translation::UnderscoreEscapingWithSuffixes,
        "UnderscoreEscapingWithSuffixes",
        ["utf8_request_duration_seconds_bucket", "utf8_parcels_total"],
    );
}

#[test]
fn without_suffixes() {
    phoenix_otel_tests::isolated!();
    compare(
        Translation::UnderscoreEscapingWithoutSuffixes,
        "UnderscoreEscapingWithoutSuffixes",
        ["utf8_request_duration_bucket", "utf8_parcels"],
    );
}

#[test]
fn without_escaping() {
    phoenix_otel_tests::isolated!();
    compare(
        Translation::NoUtf8EscapingWithSuffixes,
        "NoUTF8EscapingWithSuffixes",
        ["utf8.request.duration_seconds_bucket", "utf8.rate_bytes_per_second"],
    );
}

#[test]
fn without_translation() {
    phoenix_otel_tests::isolated!();
    compare(Translation::NoTranslation, "NoTranslation", ["utf8.request.duration_bucket", "utf8.parcels"]);
}

#[test]
fn the_target_has_its_attributes_as_they_are() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry(Translation::NoTranslation, None);
    let prometheus = scraping(&telemetry, "");
    let target = prometheus.wait_for(r#"target_info{"service.instance.id"="instance-1"}"#, |seen| seen.len() == 1);
    assert_eq!(target.value("target_info", &[("deployment.environment.name", "test"), ("service.name", "utf8")]), 1.0);
    let requests = prometheus.query(r#"{"utf8.requests","http.route"="/","größe"="5"}"#);
    assert_eq!(requests.value("utf8.requests", &[("otel_scope_pool.name", "a")]), 3.0);
}

/// A Prometheus that requests escaped names gets them.
#[test]
fn prometheus_asks_for_escaped_names() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry(Translation::NoTranslation, None);
    for (scheme, name, label) in [
        ("underscores", "utf8_hit_ratio", "gr__e"),
        ("dots", "utf8_dot_hit__ratio", "gr____e"),
        ("values", "U__utf8_2e_hit_2d_ratio", "U__gr_f6__df_e"),
    ] {
        for settings in ["", "  scrape_native_histograms: true\n"] {
            let settings = format!("{settings}  metric_name_escaping_scheme: {scheme}\n");
            let prometheus = scraping(&telemetry, &settings);
            let seen = prometheus.wait_for(name, |seen| seen.len() == 1);
            assert_eq!(seen.value(name, &[(label, "5"), ("utf8_plain", "x")]), 0.5, "{scheme}");
        }
    }
}

/// A scraper that requests no escaping gets classic names. `Telemetry::exposition` has classic names, too. The live page has the default names.
#[test]
fn others_get_classic_names() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry(Translation::NoUtf8EscapingWithSuffixes, None);
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("utf8_request_duration_seconds_count", &[("http_route", "/"), ("gr__e", "5")]), Some(1.0));
    let base = format!("http://{}", address(&telemetry));
    let scraped = http::get(&format!("{base}/metrics"), &[]).expect("an answer");
    assert_eq!(scraped.content_type, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
    assert!(scraped.body.contains("\nutf8_requests_total{"), "{}", scraped.body);
    let accept = [("accept", "text/plain;version=1.0.0;escaping=allow-utf-8")];
    let utf8 = http::get(&format!("{base}/metrics"), &accept).expect("an answer");
    assert_eq!(utf8.content_type, "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8");
    assert!(utf8.body.contains("\n{\"utf8.requests_total\","), "{}", utf8.body);
    let page = http::get(&format!("{base}/api/v1/metrics"), &[]).expect("an answer");
    assert!(page.body.contains("utf8_hit_ratio{"), "{}", page.body);
}
