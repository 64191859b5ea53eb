//! The fake exporter and the fake collector: what they receive, as data, and how they fail.

use std::time::Duration;

use phoenix_otel::testing::{FakeCollector, FakeExporter};
use phoenix_otel::{Builder, Compression, Otlp, Protocol, TemporalityPreference, instrument_metrics, metrics};

use super::shared::{COUNTED, counts_at_once};

metrics! {
    /// Sizes.
    static SIZE: Histogram { of: &str } = "fakes.size" { unit: "By", bounds: [1.0, 10.0] };
    /// A level.
    static LEVEL: Gauge = "fakes.level" { unit: "1" };
}

#[instrument_metrics]
fn fakes_work() {
    counts_at_once("fakes", 2);
    SIZE.record(5.0, SIZE { of: "x" });
    LEVEL.set(0.5, ());
}

fn builder() -> Builder {
    phoenix_otel::builder("fakes").without_subscriber()
}

#[test]
fn a_fake_exporter_keeps_its_exports() {
    phoenix_otel_tests::isolated!();
    let [totals, deltas] = [FakeExporter::default(), FakeExporter::with_delta_temporality()];
    let builder = builder().without_exporter().push_exporter("totals", totals.clone());
    let telemetry = builder.push_exporter("deltas", deltas.clone()).init().unwrap();
    for _ in 0..2 {
        fakes_work();
        telemetry.force_flush().into_result().unwrap();
    }
    assert_eq!((totals.last().total(&COUNTED), deltas.last().total(&COUNTED)), (4, 2));
    assert_eq!(totals.last().function("fakes_work").ok, 2);
    assert_eq!(totals.last().value(&LEVEL, ()), Some(0.5));
    let sizes = deltas.exports().iter().map(|export| export.total(&SIZE).count).sum::<u64>();
    assert_eq!(sizes, 2);
}

#[test]
fn a_fake_exporter_fails_and_hangs_on_request() {
    phoenix_otel_tests::isolated!();
    let exporter = FakeExporter::default();
    let builder = builder().without_exporter().export_timeout(Duration::from_millis(500));
    let telemetry = builder.push_exporter("fake", exporter.clone()).init().unwrap();
    telemetry.force_flush().into_result().unwrap();
    let exported = exporter.exports().len();
    exporter.fail("the disk is full");
    assert!(telemetry.force_flush().to_string().contains("the disk is full"));
    assert!(telemetry.health().to_string().contains("the disk is full"), "{}", telemetry.health());
    exporter.hang();
    assert!(!telemetry.force_flush().is_complete());
    assert_eq!(exporter.exports().len(), exported);
    exporter.succeed();
    telemetry.force_flush().into_result().unwrap();
    assert_eq!(exporter.exports().len(), exported + 1);
}

#[test]
fn a_fake_collector_keeps_its_requests() {
    phoenix_otel_tests::isolated!();
    for compression in [Compression::None, Compression::Gzip] {
        let collector = FakeCollector::start().unwrap();
        let otlp = Otlp::new().endpoint(collector.endpoint()).compression(compression).header("x-tenant", "acme");
        let telemetry = builder().exporter(otlp).resource_attribute("team", "blue").init().unwrap();
        let first = collector.next();
        assert_eq!(first.resource("service.name").as_deref(), Some("fakes"));
        assert_eq!(first.resource("team").as_deref(), Some("blue"));
        assert_eq!((first.path.as_str(), first.headers["x-tenant"].to_str().unwrap()), ("/v1/metrics", "acme"));
        assert_eq!(first.snapshot.total(&COUNTED), 0);

        fakes_work();
        telemetry.force_flush().into_result().unwrap();
        let sent = collector.next().snapshot;
        assert_eq!((sent.total(&COUNTED), sent.value(&LEVEL, ())), (2, Some(0.5)));
        assert_eq!(sent.function("fakes_work").ok, 1);
        let size = sent.value(&SIZE, SIZE { of: "x" });
        assert_eq!((size.count, size.sum, size.quantile(1.0)), (1, 5.0, Some(10.0)));
        assert!(collector.received().is_empty());

        collector.respond_with(http::StatusCode::BAD_REQUEST);
        assert!(!telemetry.force_flush().is_complete());
        assert_eq!(collector.received().len(), 1);
        collector.accept();
        telemetry.force_flush().into_result().unwrap();
    }
}

#[test]
fn a_collector_receives_grpc() {
    phoenix_otel_tests::isolated!();
    for compression in [Compression::None, Compression::Gzip] {
        let collector = FakeCollector::start().unwrap();
        let otlp = Otlp::new().protocol(Protocol::Grpc).compression(compression).endpoint(collector.endpoint());
        let telemetry = builder().exporter(otlp.header("x-tenant", "acme")).init().unwrap();
        let first = collector.next();
        assert_eq!(first.path, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
        assert_eq!(first.headers["x-tenant"].to_str().unwrap(), "acme");
        fakes_work();
        telemetry.force_flush().into_result().unwrap();
        assert_eq!(collector.next().snapshot.total(&COUNTED), 2);
        collector.respond_with(http::StatusCode::FORBIDDEN);
        let error = telemetry.force_flush().into_result().unwrap_err().to_string();
        assert!(error.contains("403"), "{error}");
        collector.accept();
        telemetry.force_flush().into_result().unwrap();
    }
}

#[test]
fn a_collector_that_does_not_respond_times_out() {
    phoenix_otel_tests::isolated!();
    let collector = FakeCollector::start().unwrap();
    let otlp = Otlp::new().endpoint(collector.endpoint()).temporality(TemporalityPreference::Delta);
    let telemetry = builder().exporter(otlp).export_timeout(Duration::from_millis(500)).init().unwrap();
    fakes_work();
    telemetry.force_flush().into_result().unwrap();
    assert_eq!(collector.next().snapshot.total(&COUNTED), 2);
    collector.hang();
    fakes_work();
    assert!(!telemetry.force_flush().is_complete());
    assert_eq!(collector.received().pop().unwrap().snapshot.total(&COUNTED), 2);
}
