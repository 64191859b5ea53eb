//! The self-monitoring metrics of span export: results, spans in flight, and queue size.

use std::time::Duration;

use opentelemetry::trace::Tracer as _;
use phoenix_otel::Builder;
use phoenix_otel_tests::otlp_sink::{Answer, Sink};
use phoenix_otel_tests::receiver_down::{Failure, ReceiverDown};
use phoenix_otel_tests::{Samples, wait_until};

use super::self_metrics::{OPERATIONS, of};

const SPANS: &str = "otel_sdk_exporter_span_exported_total";
const INFLIGHT: &str = "otel_sdk_exporter_span_inflight";
const PROCESSED: &str = "otel_sdk_processor_span_processed_total";
const QUEUED: &str = "otel_sdk_processor_span_queue_size";
const CAPACITY: &str = "otel_sdk_processor_span_queue_capacity";
const SPANS_HTTP: &str = "otlp_http_span_exporter";
const BATCHING: &str = "batching_span_processor";

/// Telemetry that exports two spans at a time, and whose metrics are scraped.
fn sending_spans(protocol: &str, address: &str, more: &[(&str, &str)]) -> Builder {
    let endpoint = format!("http://{address}");
    let variables = [
        &[
            ("OTEL_METRICS_EXPORTER", "prometheus"),
            ("OTEL_TRACES_EXPORTER", "otlp"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"),
        ],
        more,
    ];
    phoenix_otel::builder("planner").environment(variables.concat()).without_listener()
}

fn end_spans(count: usize) {
    for _ in 0..count {
        opentelemetry::global::tracer("test").in_span("span", |_| ());
    }
}

#[test]
fn spans_are_counted_by_the_result_of_their_export() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[Answer::Accept, Answer::Refuse(400, "no"), Answer::Reject(1, "one of them")]);
    let address = format!("127.0.0.1:{}", sink.port());
    let telemetry = sending_spans("http/protobuf", &address, &[("OTEL_BSP_MAX_QUEUE_SIZE", "100")]).init().unwrap();
    let before = Samples::of(&telemetry);
    for error in [None, Some("failed"), Some("timeout"), Some("panic"), Some("abandoned"), Some("rejected")] {
        assert_eq!(of(&before, SPANS, SPANS_HTTP, error), Some(0.0), "{error:?}");
    }
    for error in [None, Some("queue_full"), Some("abandoned")] {
        assert_eq!(of(&before, PROCESSED, BATCHING, error), Some(0.0), "{error:?}");
    }
    assert_eq!(of(&before, OPERATIONS, SPANS_HTTP, Some("failed")), Some(0.0));
    assert_eq!(of(&before, CAPACITY, BATCHING, None), Some(100.0));
    // The component names are those of metric exporters.
    let name = [("otel_component_name", "otlp_http_span_exporter/otlp")];
    assert_eq!(before.get(INFLIGHT, &name), Some(0.0));
    let name = [("otel_component_name", "batching_span_processor/otlp")];
    assert_eq!(before.get(QUEUED, &name), Some(0.0));

    end_spans(2);
    telemetry.force_flush().into_result().unwrap();
    assert_eq!(of(&Samples::of(&telemetry), SPANS, SPANS_HTTP, None), Some(2.0));
    end_spans(1);
    telemetry.force_flush().into_result().unwrap_err();
    end_spans(2);
    telemetry.force_flush().into_result().unwrap_err();
    let after = Samples::of(&telemetry);
    assert_eq!(of(&after, SPANS, SPANS_HTTP, None), Some(3.0));
    assert_eq!(of(&after, SPANS, SPANS_HTTP, Some("failed")), Some(1.0));
    assert_eq!(of(&after, SPANS, SPANS_HTTP, Some("rejected")), Some(1.0));
    assert_eq!(of(&after, OPERATIONS, SPANS_HTTP, None), Some(2.0));
    assert_eq!(of(&after, OPERATIONS, SPANS_HTTP, Some("failed")), Some(1.0));
    assert_eq!(of(&after, PROCESSED, BATCHING, None), Some(5.0));
    assert_eq!(of(&after, INFLIGHT, SPANS_HTTP, None), Some(0.0));
}

/// A receiver hangs: two spans are in flight, four are queued, and two are dropped.
#[test]
fn queued_and_dropped_spans_are_counted() {
    phoenix_otel_tests::isolated!();
    let dead = ReceiverDown::new(Failure::Hangs);
    let more = [("OTEL_BSP_MAX_QUEUE_SIZE", "4"), ("OTEL_BSP_EXPORT_TIMEOUT", "600000")];
    let builder = sending_spans("http/protobuf", &dead.address(), &more).shutdown_timeout(Duration::from_secs(2));
    let telemetry = builder.init().unwrap();
    let reading = phoenix_otel::builder("reads").exporter("prometheus").without_listener();
    end_spans(2);
    let seen = |name: &str, component: &str, error| of(&Samples::of(&telemetry), name, component, error);
    wait_until("two spans to be under way", || match seen(INFLIGHT, SPANS_HTTP, None) {
        Some(2.0) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(seen(PROCESSED, BATCHING, None), Some(2.0));
    end_spans(6);
    assert_eq!(seen(QUEUED, BATCHING, None), Some(4.0));
    assert_eq!(seen(PROCESSED, BATCHING, Some("queue_full")), Some(2.0));
    // A telemetry that is shut down is no longer read, but handles record to the newest `init`.
    let reading = reading.init().unwrap();
    telemetry.shutdown().into_result().unwrap_err();
    let samples = Samples::of(&reading);
    let given_up = |error| of(&samples, SPANS, SPANS_HTTP, Some(error)).unwrap_or_default();
    assert_eq!(given_up("abandoned") + given_up("timeout"), 4.0, "two batches were begun: {}", given_up("abandoned"));
    assert_eq!(of(&samples, PROCESSED, BATCHING, Some("abandoned")), Some(2.0), "the rest was not tried");
    // The series of the old telemetry end.
    drop(telemetry);
    assert_eq!(of(&Samples::of(&reading), QUEUED, BATCHING, None), None);
}

#[test]
fn grpc_and_console_exporters_have_component_names() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::grpc(None, &[]);
    let address = format!("127.0.0.1:{}", sink.port());
    let telemetry = sending_spans("grpc", &address, &[("OTEL_TRACES_EXPORTER", "otlp,console")]).init().unwrap();
    end_spans(1);
    telemetry.force_flush().into_result().unwrap();
    let samples = Samples::of(&telemetry);
    for kind in ["otlp_grpc_span_exporter", "phoenix_otel::Console"] {
        assert_eq!(of(&samples, SPANS, kind, None), Some(1.0), "{kind}");
    }
    drop(telemetry);
    // Without an exporter of spans there are no metrics of spans.
    let builder = phoenix_otel::builder("none").exporter("prometheus").without_traces_exporter().without_listener();
    let samples = Samples::of(&builder.init().unwrap());
    for name in [SPANS, INFLIGHT, PROCESSED, QUEUED, CAPACITY] {
        assert_eq!(samples.all(name, &[]).count(), 0, "{name}");
    }
}
