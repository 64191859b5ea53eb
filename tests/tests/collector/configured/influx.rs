//! The Influx line protocol: the collector's receiver reads what the exporter of `examples/own-exporter` writes.

use std::time::Duration;

use example_own_exporter::InfluxExporter;
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use phoenix_otel_tests::receiver_down::{Failure, ReceiverDown, count};
use phoenix_otel_tests::{Collector, Labels, Process, Sample, Samples, Series, example, http, wait_until};

fn exporter(url: &str) -> InfluxExporter {
    InfluxExporter::new(url, None, Duration::from_secs(20)).expect("a valid URL")
}

/// Waits until the collector's exposition of received metrics contains this text, and returns it.
fn received(collector: &Collector, text: &str) -> String {
    let url = format!("http://{}/metrics", collector.scrape_address());
    wait_until(&format!("{text} at the collector"), || {
        let exposition = http::get(&url, &[])?.ok()?;
        if exposition.contains(text) { Ok(exposition) } else { Err(exposition) }
    })
}

#[test]
fn each_kind_of_metric_arrives() {
    let collector = Collector::scraped().overlay("influx.yaml").start();
    let reader = PeriodicReader::builder(exporter(&collector.influx_url())).with_interval(Duration::from_secs(3600));
    let resource = Resource::builder().with_service_name("shop");
    let resource = resource.with_attribute(KeyValue::new("service.instance.id", "shop-1")).build();
    let provider = SdkMeterProvider::builder().with_resource(resource).with_reader(reader.build()).build();
    let meter = provider.meter("acme");
    let odd = KeyValue::new("country", "quote \" backslash \\ comma, equals = Grüße");
    meter.u64_counter("acme.orders").build().add(2, &[odd]);
    meter.f64_counter("acme.paid").build().add(19.99, &[]);
    meter.i64_up_down_counter("acme.active").build().add(-3, &[]);
    meter.f64_gauge("acme.ratio").build().record(1e-7, &[]);
    meter.f64_gauge("acme.lost").build().record(f64::INFINITY, &[]);
    meter.u64_gauge("acme.bytes").build().record(1 << 60, &[]);
    let duration = meter.f64_histogram("acme.duration").with_boundaries(vec![0.005, 1.0, 2.5e6]).build();
    for seconds in [0.001, 0.5, 0.25, 7e6] {
        duration.record(seconds, &[KeyValue::new("service", "search")]);
    }
    provider.force_flush().expect("it is delivered");

    let types = received(&collector, "# TYPE acme_");
    let mut types: Vec<&str> = types.lines().filter_map(|line| line.strip_prefix("# TYPE acme_")).collect();
    types.sort_unstable();
    let kinds = ["active gauge", "bytes gauge", "duration histogram", "orders_total counter", "paid_total counter"];
    assert_eq!(types, [&kinds[..], &["ratio gauge"]].concat());

    let samples = Samples::parse(&received(&collector, "acme_orders_total{"));
    let found: Series = samples.iter().filter(|sample| sample.name.starts_with("acme_")).map(labelled).collect();
    // The exporter doubles a backslash, and this receiver keeps both.
    let expected = r#"acme_active{instance="shop-1",job="shop",service="shop"} -3
acme_bytes{instance="shop-1",job="shop",service="shop"} 1152921504606847000
acme_duration_bucket{instance="shop-1",job="shop",le="+Inf",service="search"} 4
acme_duration_bucket{instance="shop-1",job="shop",le="0.005",service="search"} 1
acme_duration_bucket{instance="shop-1",job="shop",le="1",service="search"} 3
acme_duration_bucket{instance="shop-1",job="shop",le="2.5e+06",service="search"} 3
acme_duration_count{instance="shop-1",job="shop",service="search"} 4
acme_duration_sum{instance="shop-1",job="shop",service="search"} 7000000.751
acme_orders_total{country="quote \" backslash \\\\ comma, equals = Grüße",instance="shop-1",job="shop",service="shop"} 2
acme_paid_total{instance="shop-1",job="shop",service="shop"} 19.99
acme_ratio{instance="shop-1",job="shop",service="shop"} 0.0000001
"#;
    assert_eq!(found.lines(), expected);
    provider.shutdown().expect("the receiver is there to the end");
}

/// The gateway returns the response of its backend, so the service sees the error of a backend that is down.
#[test]
fn an_error_of_the_receiver_is_reported() {
    phoenix_otel_tests::isolated!();
    let gateway = Collector::gateway(&format!("http://{}/api/v1/write", ReceiverDown::new(Failure::Refuses).address()));
    let gateway = gateway.overlay("influx.yaml").start();
    let url = gateway.influx_url();
    let builder = phoenix_otel::builder("test").without_subscriber().without_exporter();
    let telemetry = builder.push_exporter("influx", exporter(&url)).init().expect("init succeeds");
    count(&telemetry, 1);
    let error = telemetry.force_flush().into_result().expect_err("the store is away");
    let influx = error.exporters().find(|lost| lost.exporter == "influx").expect("the error names the exporter");
    assert!(influx.reason.contains(&url) && influx.reason.contains("status 500"), "{influx}");
    assert!(influx.points.is_some_and(|points| points > 0), "{influx}");
}

#[test]
fn the_example_exports_by_code_and_by_name() {
    let collector = Collector::scraped().overlay("influx.yaml").start();
    let package = "example-own-exporter";
    let binary = &example::binaries(&[package])[package];
    for (way, chosen) in [("by-code", None), ("by-name", Some("prometheus,influx"))] {
        let folder = example::folder(package);
        let mut command = example::command(binary);
        command.env("INFLUX_URL", collector.influx_url());
        command.env("OTEL_RESOURCE_ATTRIBUTES", format!("service.instance.id={way}"));
        command.envs(chosen.map(|exporters| ("OTEL_METRICS_EXPORTER", exporters)));
        let mut process = Process::start(way, command, folder.path());
        let status = wait_until(&format!("{way} to end"), || process.ended().ok_or("it runs"));
        let log = process.log();
        assert!(status.success() && log.contains("influx: ok"), "{way}: {status}: {log}");

        let samples = Samples::parse(&received(&collector, &format!("instance=\"{way}\"")));
        let value = |name: &str, label: &str, value: &str| {
            let labels = [("instance", way), ("service", "shop"), (label, value)];
            samples.get(name, &labels).unwrap_or_else(|| panic!("{way}: no {name} {labels:?}: {samples:#?}"))
        };
        for (country, sum, orders) in [("nl", 23.75, 2.0), ("de", 120.0, 1.0)] {
            assert_eq!(value("acme_paid_sum", "country", country), sum, "{way}");
            assert_eq!(value("acme_paid_count", "country", country), orders, "{way}");
        }
        assert_eq!(value("acme_stock", "job", "shop"), 0.0, "{way}");
        assert_eq!(value("phoenix_shop_requests_total", "status", "ok"), 3.0, "{way}");
        assert_eq!(value("phoenix_shop_errors_total", "error_type", "sold_out"), 1.0, "{way}");
        assert_eq!(value("phoenix_shop_request_duration_count", "method", "place_order"), 4.0, "{way}");
    }
}

/// Returns labels and value of a sample, with its name among the labels.
fn labelled(sample: &Sample) -> (Labels, f64) {
    let mut labels = sample.labels.clone();
    labels.insert("__name__".to_owned(), sample.name.clone());
    (labels, sample.value)
}
