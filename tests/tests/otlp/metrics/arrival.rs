//! Successful exports.

use super::*;
use phoenix_otel_tests::otlp_sink::Received;
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;

fn resource(received: &Received, key: &str) -> Option<String> {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    let resource = received.request.resource_metrics[0].resource.as_ref()?;
    let value = resource.attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?;
    match value.value? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

#[test]
fn metrics_arrive() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[]);
        let push = start(protocol, &plain(&sink), &[("OTEL_SERVICE_NAME", "router")]);
        push.flush().unwrap();
        let received = sink.next();
        assert_eq!(received.sum("requests"), Some(7), "{protocol}");
        assert_eq!(resource(&received, "service").as_deref(), Some("router"));
        assert!(received.header("user-agent").is_some_and(|agent| agent.contains("OTel-OTLP-Exporter-Rust")));
        if protocol != "grpc" {
            assert_eq!(received.path, "/v1/metrics");
            assert_eq!(received.header("content-type"), Some("application/x-protobuf"));
        }
        // The last increments arrive with the shutdown.
        push.provider.meter("test").u64_counter("requests").build().add(1, &[]);
        push.shutdown().unwrap();
        assert_eq!(sink.next().sum("requests"), Some(8), "{protocol}");
    }
}

#[test]
fn the_interval_pushes_by_itself() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[]);
        let _push = start(protocol, &plain(&sink), &[("OTEL_METRIC_EXPORT_INTERVAL", "50")]);
        for _ in 0..3 {
            sink.next();
        }
    }
}

#[test]
fn headers_and_compression() {
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[]);
        let push = start(
            protocol,
            &plain(&sink),
            &[
                ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%2Cb%3D%3D,X-Tenant=core,user-agent=mine"),
                ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ],
        );
        push.flush().unwrap();
        let received = sink.next();
        assert_eq!(received.header("api-key"), Some("a,b=="), "{protocol}");
        assert_eq!(received.header("x-tenant"), Some("core"));
        assert!(received.header("user-agent").is_some_and(|agent| agent.starts_with("mine")));
        let encoding = if protocol == "grpc" { "grpc-encoding" } else { "content-encoding" };
        assert_eq!(received.header(encoding), Some("gzip"), "{protocol}");
        assert_eq!(received.sum("requests"), Some(7));
    }
}

#[test]
fn delta_temporality() {
    let sink = Sink::http(None, &[]);
    let push = start("http/protobuf", &plain(&sink), &[("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta")]);
    push.flush().unwrap();
    push.provider.meter("test").u64_counter("requests").build().add(2, &[]);
    push.flush().unwrap();
    assert_eq!((sink.next().sum("requests"), sink.next().sum("requests")), (Some(7), Some(2)));
}

/// Only the resolved settings of an `init` count, whatever variables the process has.
#[test]
fn variables_of_the_process_are_not_read_again() {
    if !is_child() {
        let leaks = [
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-leak=1,x-tenant=wrong"),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:1/wrong"),
            ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "1"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
        ];
        run(this_test!(), &leaks);
        return;
    }
    for protocol in PROTOCOLS {
        let sink = sink(protocol, None, &[]);
        let push = start(protocol, &plain(&sink), &[("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=core")]);
        push.flush().unwrap();
        push.flush().unwrap();
        let received = [sink.next(), sink.next()];
        for received in received {
            assert_eq!((received.header("x-tenant"), received.header("x-leak")), (Some("core"), None), "{protocol}");
            assert_eq!(received.sum("requests"), Some(7));
        }
    }
}
