//! Exports spans of `tracing` over OTLP, with the subscriber that `init` sets.

use std::collections::HashMap;

use opentelemetry::trace::{TraceContextExt as _, Tracer as _};
use opentelemetry::{KeyValue, global};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use phoenix_otel::Builder;
use phoenix_otel_tests::otlp_sink::{Answer, Received, Sink};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::this_test;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn sink(protocol: &str, answers: &[Answer]) -> Sink {
    if protocol == "grpc" { Sink::grpc(None, answers) } else { Sink::http(None, answers) }
}

fn sending(protocol: &str, sink: &Sink, more: &[(&str, &str)]) -> Builder {
    let endpoint = format!("http://127.0.0.1:{}", sink.port());
    let variables = [
        &[
            ("OTEL_METRICS_EXPORTER", "none"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ],
        more,
    ];
    phoenix_otel::builder("planner").version("1.2").environment(variables.concat())
}

fn resource(received: &Received, key: &str) -> Option<String> {
    let resource = received.traces.resource_spans[0].resource.as_ref()?;
    match resource.attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

/// Handles a request as a server does, with the headers of the client.
fn handle(traceparent: &str) {
    let headers = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&headers));
    let span = tracing::info_span!("handle", size = 3);
    span.set_parent(parent).unwrap();
    let _entered = span.enter();
    plan();
}

#[tracing::instrument]
fn plan() {
    tracing::info!("planned");
}

#[test]
fn spans_arrive_by_every_protocol_and_after_each_init() {
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        let sink = sink(protocol, &[]);
        let telemetry =
            sending(protocol, &sink, &[("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-tenant=core")]).init().unwrap();
        handle(&format!("00-{TRACE}-00f067aa0ba902b7-01"));
        // The caller's decision not to sample is followed.
        handle("00-11111111111111111111111111111111-00f067aa0ba902b7-00");
        telemetry.force_flush().into_result().unwrap();
        let received = sink.next_spans();
        assert_eq!(resource(&received, "service.name").as_deref(), Some("planner"), "{protocol}");
        assert_eq!(resource(&received, "service.version").as_deref(), Some("1.2"));
        assert_eq!(resource(&received, "service.instance.id").map(|id| id.len()), Some(36));
        assert_eq!(received.header("x-tenant"), Some("core"));
        if protocol != "grpc" {
            assert_eq!(received.path, "/v1/traces");
        }
        let spans: Vec<_> = received.spans().collect();
        assert_eq!(spans.len(), 2, "{spans:#?}");
        let find = |name: &str| *spans.iter().find(|span| span.name == name).unwrap();
        let (handled, planned) = (find("handle"), find("plan"));
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!((hex(&handled.trace_id), hex(&handled.parent_span_id)), (TRACE.into(), "00f067aa0ba902b7".into()));
        assert_eq!((hex(&planned.trace_id), &planned.parent_span_id), (TRACE.into(), &handled.span_id));
        assert_eq!(planned.events[0].name, "planned");
        assert!(telemetry.health().to_string().contains("otlp traces: ok"), "{}", telemetry.health());

        plan();
        telemetry.shutdown().into_result().unwrap();
        assert_eq!(sink.next_spans().spans().count(), 1, "the last span arrives with the shutdown");
        plan();
        assert_eq!(sink.count(), 0, "afterwards nothing does");
    }
}

#[test]
fn a_rejected_export_is_reported_with_the_number_of_spans() {
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        let sink = sink(protocol, &[Answer::Refuse(400, "no spans, please")]);
        let telemetry = sending(protocol, &sink, &[]).without_subscriber().init().unwrap();
        for _ in 0..2 {
            global::tracer("test").in_span("span", |_| ());
        }
        let error = telemetry.force_flush().into_result().unwrap_err().to_string();
        assert!(error.starts_with("otlp traces: 2 spans were not delivered: "), "{error}");
        let reason = if protocol == "grpc" { "InvalidArgument" } else { "no spans, please" };
        assert!(error.contains(&format!("127.0.0.1:{}", sink.port())) && error.contains(reason), "{error}");
        assert!(telemetry.health().to_string().contains("otlp traces: failing"), "{}", telemetry.health());
        telemetry.shutdown().into_result().unwrap();
    }
}

#[test]
fn log_lines_have_trace_and_span_ids() {
    if is_child() {
        let telemetry = phoenix_otel::builder("logs").exporter("prometheus").without_listener();
        let _telemetry = telemetry.init().unwrap();
        tracing::info!("outside");
        handle(&format!("00-{TRACE}-00f067aa0ba902b7-01"));
        tracing::debug!("hidden");
        return;
    }
    let (_, stderr) = run(this_test!(), &[]);
    let line =
        |what: &str| stderr.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}:\n{stderr}"));
    assert!(!line("outside").contains("trace_id"));
    let planned = line("planned");
    let ids = planned.rsplit_once(&format!("trace_id={TRACE} span_id=")).unwrap_or_else(|| panic!("{planned}"));
    assert!(ids.1.len() == 16 && ids.1 != "00f067aa0ba902b7", "{planned}");
    assert!(planned.contains(" INFO ") && planned.contains("handle{size=3}:plan"), "{planned}");
    assert!(!stderr.contains("hidden"));

    let (_, stderr) = run(this_test!(), &[("RUST_LOG", "otlp::spans=debug")]);
    assert!(stderr.contains("hidden"), "{stderr}");
}

#[test]
fn a_disabled_telemetry_still_logs() {
    if is_child() {
        let telemetry = phoenix_otel::init("logs").unwrap();
        handle(&format!("00-{TRACE}-00f067aa0ba902b7-01"));
        return telemetry.shutdown().into_result().unwrap();
    }
    let (_, stderr) = run(this_test!(), &[("OTEL_SDK_DISABLED", "true")]);
    assert!(stderr.contains("planned") && !stderr.contains("trace_id"), "{stderr}");
}

#[test]
fn the_console_shows_spans() {
    if is_child() {
        let telemetry = phoenix_otel::builder("console").without_listener().init().unwrap();
        plan();
        return telemetry.shutdown().into_result().unwrap();
    }
    let (stdout, _) = run(this_test!(), &[("OTEL_TRACES_EXPORTER", "console")]);
    assert!(stdout.contains("plan") && stdout.contains("console"), "{stdout}");
}

#[test]
fn the_schedule_delay_triggers_an_export() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let delay = [("OTEL_BSP_SCHEDULE_DELAY", "20")];
    let telemetry = sending("http/protobuf", &sink, &delay).without_subscriber().init().unwrap();
    global::tracer("test").in_span("span", |_| ());
    assert_eq!(sink.next_spans().spans().count(), 1);
    telemetry.shutdown().into_result().unwrap();
}

/// The variables set in code count, not those of the process: the OpenTelemetry SDK would read these.
#[test]
fn the_limits_of_spans_are_those_of_the_variables() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let limits = [
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "3"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "2"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "0"),
        ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "1"),
    ];
    let telemetry = sending("http/protobuf", &sink, &limits).without_subscriber().init().unwrap();
    let attributes = || (0..5).map(|index| KeyValue::new(format!("key{index}"), index));
    global::tracer("test").in_span("span", |context| {
        context.span().set_attributes(attributes());
        for _ in 0..5 {
            context.span().add_event("event", attributes().collect());
        }
        context.span().add_link(context.span().span_context().clone(), Vec::new());
    });
    telemetry.shutdown().into_result().unwrap();
    let request = sink.next_spans();
    let span = request.spans().next().expect("a span");
    assert_eq!((span.attributes.len(), span.dropped_attributes_count), (3, 2));
    assert_eq!((span.events.len(), span.dropped_events_count), (2, 3));
    assert_eq!((span.links.len(), span.dropped_links_count), (0, 1));
    assert!(span.events.iter().all(|event| event.attributes.len() == 1), "{:?}", span.events);
}
