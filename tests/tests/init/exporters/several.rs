//! Several exporters of one kind.

use std::time::Duration;

use phoenix_otel::{Compression, Otlp, Prometheus, Protocol, TemporalityPreference};
use phoenix_otel_tests::otlp_sink::{Received, Sink};
use phoenix_otel_tests::receiver_down::{Failure, ReceiverDown, count};
use phoenix_otel_tests::{Samples, http, isolated, wait_until};

use super::test_double::Double;

fn is_delta(received: &Received) -> bool {
    use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, metric};
    let Some(metric::Data::Sum(sum)) = &received.metric("counted").unwrap().data else { panic!("{received:?}") };
    sum.aggregation_temporality() == AggregationTemporality::Delta
}

#[test]
fn two_receivers_of_which_one_is_down() {
    isolated!();
    for failure in [Failure::Refuses, Failure::Hangs] {
        let (dead, sink) = (ReceiverDown::new(failure), Sink::grpc(None, &[]));
        let telemetry = phoenix_otel::builder("two")
            .environment([("OTEL_EXPORTER_OTLP_HEADERS", "api-key=variable")])
            .shutdown_timeout(Duration::from_secs(3))
            .exporter(
                Otlp::new()
                    .name("backup")
                    .endpoint(format!("http://{}", dead.address()))
                    .protocol(Protocol::HttpProtobuf)
                    .compression(Compression::Gzip)
                    .temporality(TemporalityPreference::Delta)
                    .interval(Duration::from_millis(20))
                    .export_timeout(Duration::from_secs(1)),
            )
            .exporter(
                Otlp::new()
                    .endpoint(format!("http://127.0.0.1:{}", sink.port()))
                    .protocol(Protocol::Grpc)
                    .header("api-key", "code"),
            )
            .init()
            .unwrap();
        count(&telemetry, 1);
        wait_until("the dead one to be tried", || {
            let health = telemetry.health().to_string();
            if health.contains("backup: failing (") { Ok(()) } else { Err(health) }
        });
        count(&telemetry, 2);
        let lost = telemetry.force_flush().into_result().expect_err("one is dead");
        assert_eq!(lost.exporters().map(|lost| &*lost.exporter).collect::<Vec<_>>(), ["backup"], "{lost}");
        let received = sink.next();
        assert_eq!(
            (received.sum("counted"), received.header("api-key"), is_delta(&received)),
            (Some(3), Some("code"), false)
        );
        count(&telemetry, 4);
        let lost = telemetry.shutdown().into_result().expect_err("one is dead");
        let [lost] = lost.exporters().collect::<Vec<_>>()[..] else { panic!("{lost}") };
        assert!(lost.exporter == "backup" && lost.reason.contains(&dead.address()), "{lost}");
        assert_eq!(sink.next().sum("counted"), Some(7));
    }
}

#[test]
fn each_has_its_own_settings() {
    isolated!();
    let (cumulative, delta) = (Sink::http(None, &[]), Sink::http(None, &[]));
    let telemetry = phoenix_otel::builder("two")
        .environment([("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"), ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=variable")])
        .exporter(Otlp::new().name("one").endpoint(format!("http://127.0.0.1:{}", cumulative.port())))
        .exporter(
            Otlp::new()
                .name("other")
                .endpoint(format!("http://127.0.0.1:{}/base", delta.port()))
                .header("other-key", "code")
                .temporality(TemporalityPreference::Delta),
        )
        .init()
        .unwrap();
    for (by, total) in [(1, 1), (2, 3)] {
        count(&telemetry, by);
        telemetry.force_flush().into_result().unwrap();
        let (one, other) = (cumulative.next(), delta.next());
        assert_eq!((one.sum("counted"), is_delta(&one)), (Some(total), false));
        assert_eq!((other.sum("counted"), is_delta(&other)), (Some(by as i64), true));
        assert_eq!((one.header("api-key"), one.header("content-encoding")), (Some("variable"), Some("gzip")));
        assert_eq!((other.header("api-key"), other.header("other-key")), (None, Some("code")));
        assert_eq!((&*one.path, &*other.path), ("/v1/metrics", "/base/v1/metrics"));
    }
    let health = telemetry.health().to_string();
    assert!(health.contains("one: ok, ") && health.contains("other: ok, "), "{health}");
    telemetry.shutdown().into_result().unwrap();
}

/// A collection resets the deltas of an aggregation. Each exporter gets all of them, however often another one collects, and in one
/// export per interval.
#[test]
fn delta_exporters_get_all_values() {
    isolated!();
    let (often, seldom, flushed) = (Double::deltas(), Double::deltas(), Double::deltas());
    let often_exporter = phoenix_otel::PushExporter::new(often.clone()).interval(Duration::from_millis(2));
    let seldom_exporter = phoenix_otel::PushExporter::new(seldom.clone()).interval(Duration::from_millis(50));
    let telemetry = phoenix_otel::builder("deltas")
        .without_exporter()
        .push_exporter("often", often_exporter)
        .push_exporter("seldom", seldom_exporter)
        .push_exporter("flushed", flushed.clone())
        .init()
        .unwrap();
    for round in 1..=20 {
        count(&telemetry, 1);
        wait_until("another export", || if often.exported().len() > 2 * round { Ok(()) } else { Err("not yet") });
    }
    telemetry.shutdown().into_result().unwrap();
    for exporter in [often, seldom, flushed] {
        assert_eq!(exporter.exported().iter().sum::<u64>(), 20, "{exporter:?}");
    }
}

#[test]
fn two_scrape_endpoints() {
    isolated!();
    let endpoint = || Prometheus::new().host("127.0.0.1").port(0);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy = endpoint().name("busy").port(taken.local_addr().unwrap().port());
    let telemetry = phoenix_otel::builder("scraped").exporter(endpoint()).exporter(busy).init().unwrap();
    let address = telemetry.scrape_address().unwrap();
    let page = || http::get(&format!("http://{address}/metrics"), &[]).unwrap().ok().unwrap();
    page();
    let name = |exporter: &str| format!("prometheus_http_text_metric_exporter/{exporter}");
    let exports = |exporter: &str| {
        let labels = [("otel_component_name", &*name(exporter))];
        let samples = Samples::parse(&page());
        samples
            .all("otel_sdk_exporter_operation_duration_seconds_count", &labels)
            .map(|sample| sample.value)
            .sum::<f64>()
    };
    assert!(exports("prometheus") > 0.0);
    assert_eq!(exports("busy"), 0.0);
    let health = telemetry.health().to_string();
    assert!(health.contains("prometheus: ok, ") && health.contains("busy: not listening"), "{health}");
    telemetry.shutdown().into_result().unwrap();
}
