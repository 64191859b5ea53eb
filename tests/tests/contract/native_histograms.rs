//! Exponential histograms are native ones in a real Prometheus, with the same quantiles over OTLP and by a scrape.

use opentelemetry::{KeyValue, global};
use phoenix_otel::{HistogramAggregation, Telemetry, View, instrument_metrics, metrics};
use phoenix_otel_tests::protobuf::{ACCEPT, decode};
use phoenix_otel_tests::{Collector, Prometheus, Samples, http, wait_until};

metrics! {
    /// Waits.
    static WAIT: Histogram { queue: &str } = "native_histograms.wait" { unit: "s", bounds: [0.1, 1.0] };
    /// Sizes, which an alert reads by bucket.
    static SIZE: Histogram = "native_histograms.size" { unit: "By", bounds: [10.0, 100.0, 1000.0], fixed_bounds: true };
    /// Distances.
    static DISTANCE: Histogram = "native_histograms.distance" { unit: "m", bounds: [1.0] };
}

#[instrument_metrics]
fn native_histograms_call() {}

fn telemetry(endpoint: phoenix_otel::Prometheus, otlp: Option<&str>) -> Telemetry {
    let builder = phoenix_otel::builder("native").instance("instance-1").exporter(endpoint.host("127.0.0.1").port(0));
    // Only the flush pushes.
    let environment = [
        ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "50000"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.unwrap_or("http://127.0.0.1:1")),
    ];
    let builder = match otlp {
        Some(_) => builder.exporter(phoenix_otel::Otlp::new()),
        None => builder,
    };
    let builder = builder.environment(environment).histogram_aggregation(HistogramAggregation::Base2Exponential);
    let telemetry = builder.view(View::select("native_histograms.distance").exponential(20, 0)).init().expect("valid");
    for n in 1..=1000u32 {
        let seconds = f64::from(n) / 100.0;
        WAIT.record(seconds, WAIT { queue: "mail" });
        WAIT.record(seconds * seconds, WAIT { queue: "print" });
        SIZE.record(f64::from(n), ());
        DISTANCE.record(if n % 10 == 0 { 0.0 } else { f64::from(n) - 500.5 }, ());
        global::meter("lib").f64_histogram("lib.steps").build().record(f64::from(n % 7), &[KeyValue::new("k", "v")]);
    }
    native_histograms_call();
    telemetry
}

fn address(telemetry: &Telemetry) -> String {
    wait_until("the endpoint to listen", || telemetry.scrape_address().ok_or("it does not yet")).to_string()
}

/// A Prometheus that scrapes the service with these global settings.
fn scraping(telemetry: &Telemetry, settings: &str) -> Prometheus {
    let global = |config: &str| config.replace("\nglobal:\n", &format!("\nglobal:\n{settings}"));
    let builder = Prometheus::from_repository().targets("services", &[&address(telemetry)]);
    let builder = if settings.is_empty() { builder } else { builder.edit_config(global) };
    let prometheus = builder.start();
    prometheus.wait_for(SIZES, |seen| !seen.is_empty());
    prometheus
}

/// Prometheus shows classic and native histograms differently.
const SIZES: &str = "native_histograms_size_bytes_count or histogram_count(native_histograms_size_bytes)";

const NATIVE: &str = "  scrape_native_histograms: true\n";

/// Quantiles and other results that only a native histogram has without `_bucket`.
const QUERIES: [&str; 7] = [
    "histogram_quantile(0.5, native_histograms_wait_seconds)",
    "histogram_quantile(0.99, native_histograms_wait_seconds)",
    "histogram_quantile(0.9, sum by (service) (native_histograms_wait_seconds))",
    "histogram_sum(native_histograms_wait_seconds)",
    "histogram_count(native_histograms_wait_seconds)",
    "histogram_quantile(0.25, native_histograms_distance_meters)",
    "histogram_fraction(0, 3, lib_steps)",
];

fn results(prometheus: &Prometheus) -> Vec<String> {
    let result = |query: &&str| {
        let seen = prometheus.query(query).without(&["job", "instance", "otel_scope_name"]);
        assert!(!seen.is_empty(), "{query}");
        format!("{query}: {}", seen.lines())
    };
    QUERIES.iter().map(result).collect()
}

#[test]
fn quantiles_are_the_same_by_otlp_and_by_a_scrape() {
    phoenix_otel_tests::isolated!();
    let pushed = Prometheus::from_repository().otlp_receiver().start();
    let telemetry = telemetry(phoenix_otel::Prometheus::new(), Some(&pushed.otlp_url()));
    telemetry.force_flush().into_result().expect("the receiver accepts the push");
    let scraped = scraping(&telemetry, NATIVE);
    for prometheus in [&pushed, &scraped] {
        prometheus.wait_for("histogram_count(native_histograms_wait_seconds)", |seen| seen.len() == 2);
    }
    assert_eq!(results(&scraped), results(&pushed));
    // 1,000 values up to 10 in buckets that are at most 0.3 % wide, as the schema 8 has them.
    let median = scraped.query("histogram_quantile(0.5, native_histograms_wait_seconds{queue=\"mail\"})");
    let median = median.iter().next().expect("a quantile").1;
    assert!((4.95..5.05).contains(&median), "{median}");
    for prometheus in [&pushed, &scraped] {
        // Only histograms with fixed bounds have buckets, by scrape and over OTLP: durations of functions, and metrics that declare `fixed_bounds`.
        let buckets = prometheus.query(r#"count by (__name__) ({__name__=~".+_bucket",__name__!~"otel_sdk.+"})"#);
        let mut others: Vec<&str> = buckets.iter().map(|(labels, _)| &*labels["__name__"]).collect();
        let all = others.len();
        others.retain(|name| !name.starts_with("phoenix_") || !name.ends_with("_request_duration_seconds_bucket"));
        assert_eq!(others, ["native_histograms_size_bytes_bucket"]);
        assert!(all > others.len());
    }
}

#[test]
fn a_collector_writes_the_same_quantiles() {
    phoenix_otel_tests::isolated!();
    let pushed = Prometheus::from_repository().remote_write_receiver().start();
    let collector = Collector::gateway(&pushed.remote_write_url()).start();
    let telemetry = telemetry(phoenix_otel::Prometheus::new(), Some(&collector.otlp_http_url()));
    telemetry.force_flush().into_result().expect("the receiver accepts the push");
    let scraped = scraping(&telemetry, NATIVE);
    for prometheus in [&pushed, &scraped] {
        prometheus.wait_for("histogram_count(native_histograms_wait_seconds)", |seen| seen.len() == 2);
    }
    assert_eq!(results(&scraped), results(&pushed));
}

/// The same service for a Prometheus that keeps the classic buckets beside, for one that converts classic histograms to native ones with
/// custom buckets, and for one that reads text.
#[test]
fn classic_buckets_beside_custom_buckets_and_text() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry(phoenix_otel::Prometheus::new().classic_histograms(), None);

    let beside = scraping(&telemetry, "  scrape_native_histograms: true\n  always_scrape_classic_histograms: true\n");
    let both = beside.wait_for("native_histograms_wait_seconds_bucket{queue=\"mail\"}", |seen| !seen.is_empty());
    assert!(both.len() <= 34, "{}", both.lines());
    assert_eq!(beside.query("histogram_count(native_histograms_wait_seconds)").len(), 2);
    let quantile = |prometheus: &Prometheus, query: &str| {
        let seen = prometheus.wait_for(query, |seen| !seen.is_empty());
        seen.iter().next().expect("a quantile").1
    };
    let native = quantile(&beside, "histogram_quantile(0.5, native_histograms_wait_seconds{queue=\"mail\"})");
    let classic = quantile(&beside, "histogram_quantile(0.5, native_histograms_wait_seconds_bucket{queue=\"mail\"})");
    assert!((classic / native - 1.0).abs() < 0.1, "{classic} and {native}");

    // Custom buckets: the conversion of Prometheus.
    let custom = scraping(&telemetry, "  scrape_native_histograms: true\n  convert_classic_histograms_to_nhcb: true\n");
    let of_custom = quantile(&custom, "histogram_quantile(0.5, native_histograms_size_bytes)");
    let of_buckets = quantile(&beside, "histogram_quantile(0.5, native_histograms_size_bytes_bucket)");
    assert_eq!(of_custom, of_buckets);
    assert!(custom.query("native_histograms_size_bytes_bucket").is_empty());

    // Text: classic buckets.
    let text = scraping(&telemetry, "");
    let of_text = quantile(&text, "histogram_quantile(0.5, native_histograms_wait_seconds_bucket{queue=\"mail\"})");
    assert_eq!(of_text, classic);
    assert!(text.query("histogram_count(native_histograms_wait_seconds)").is_empty());
}

/// The other readers of the same process are not affected.
#[test]
fn the_exposition_as_text_has_classic_buckets() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry(phoenix_otel::Prometheus::new(), None);
    let samples = Samples::of(&telemetry);
    let count = |labels: &[(&str, &str)]| samples.get("native_histograms_wait_seconds_bucket", labels);
    assert_eq!(count(&[("queue", "mail"), ("le", "+Inf")]), Some(1000.0));
    assert_eq!(count(&[("queue", "mail"), ("le", "2")]), Some(200.0));
    assert_eq!(count(&[("queue", "print"), ("le", "2")]), Some(141.0), "the same bounds in all series");
    // 5 % of -499.5 to 499.5 is negative or 0 at the lowest bounds.
    assert_eq!(samples.get("native_histograms_distance_meters_bucket", &[("le", "0")]), Some(550.0));
    let fixed: Vec<_> =
        samples.all("native_histograms_size_bytes_bucket", &[]).map(|sample| sample.labels["le"].clone()).collect();
    assert_eq!(fixed, ["10", "100", "1000", "+Inf"]);
}

/// The content type of the protobuf format. Its responses are compressed like those of the other formats.
#[test]
fn the_answer_names_its_format() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry(phoenix_otel::Prometheus::new(), None);
    let url = format!("http://{}/metrics", address(&telemetry));
    let (content_type, body) = http::get_bytes(&url, &[("accept", ACCEPT)]).expect("an answer");
    assert_eq!(
        content_type,
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores"
    );
    let families = decode(&body);
    let wait = families.iter().find(|family| family.name() == "native_histograms_wait_seconds").expect("it is there");
    assert!(wait.metric.iter().all(|metric| metric.histogram.as_ref().expect("a histogram").bucket.is_empty()));
}
