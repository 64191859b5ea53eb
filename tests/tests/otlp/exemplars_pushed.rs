//! Exemplars over OTLP: a receiver gets the trace ID of an observation with its series, and so does a real Prometheus.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::exemplar::Value;
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, metric::Data};
use phoenix_otel::{Builder, Label, Telemetry, View, instrument_metrics, metrics};
use phoenix_otel_tests::openmetrics::exemplars;
use phoenix_otel_tests::otlp_sink::{Received, Sink};
use phoenix_otel_tests::{Prometheus, http, wait_until};

#[tracing::instrument]
#[instrument_metrics]
fn plan_to_push() -> Option<u32> {
    Some(1)
}

#[test]
fn an_exemplar_has_the_ids_of_the_exported_span() {
    phoenix_otel_tests::isolated!();
    for protocol in ["http/protobuf", "grpc"] {
        let sink = if protocol == "grpc" { Sink::grpc(None, &[]) } else { Sink::http(None, &[]) };
        let telemetry = start(&[
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://127.0.0.1:{}", sink.port())),
        ]);
        plan_to_push();
        telemetry.force_flush().into_result().unwrap();
        let (mut metrics, mut spans) = (None, None);
        while metrics.is_none() || spans.is_none() {
            let received = sink.next();
            if received.spans().next().is_some() { spans = Some(received) } else { metrics = Some(received) }
        }
        let (metrics, spans) = (metrics.unwrap(), spans.unwrap());
        let span = spans.spans().next().unwrap();
        let point = point(&metrics);
        assert_eq!(point.exemplars.len(), 1, "{protocol}: {point:?}");
        let exemplar = &point.exemplars[0];
        assert_eq!((&exemplar.trace_id, &exemplar.span_id), (&span.trace_id, &span.span_id), "{protocol}");
        let Some(Value::AsDouble(value)) = exemplar.value else { panic!("{exemplar:?}") };
        assert_eq!(Some(value), point.sum);
        assert!((point.start_time_unix_nano..=point.time_unix_nano).contains(&exemplar.time_unix_nano), "{point:?}");
        telemetry.shutdown().into_result().unwrap();
    }
}

/// Both readers export the same observation, each with its own points.
#[test]
fn a_delta_exemplar_is_sent_once_and_stays_in_scrapes() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let telemetry = start(&[
        ("OTEL_METRICS_EXPORTER", "otlp,prometheus"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://127.0.0.1:{}", sink.port())),
    ]);
    plan_to_push();
    telemetry.force_flush().into_result().unwrap();
    let first = sink.next();
    assert_eq!((point(&first).count, point(&first).exemplars.len()), (1, 1));
    plan_to_push();
    telemetry.force_flush().into_result().unwrap();
    let second = sink.next();
    assert_eq!((point(&second).count, point(&second).exemplars.len()), (1, 1));
    assert_ne!(point(&first).exemplars, point(&second).exemplars);
    telemetry.force_flush().into_result().unwrap();
    let third = sink.next();
    assert!(third.metric("phoenix.planner.request.duration").is_none(), "nothing was added");
    let address = wait_until("the endpoint", || telemetry.scrape_address().ok_or("not bound yet"));
    let accept = [("accept", "application/openmetrics-text; version=1.0.0")];
    let exposition = http::get(&format!("http://{address}/metrics"), &accept).unwrap().ok().unwrap();
    // The two calls are in one bucket or in two.
    assert!(!exemplars(&exposition).is_empty(), "{exposition}");
    telemetry.shutdown().into_result().unwrap();
}

#[test]
fn prometheus_stores_the_pushed_exemplar() {
    phoenix_otel_tests::isolated!();
    let prometheus = Prometheus::from_repository().otlp_receiver().start();
    let sink = Sink::http(None, &[]);
    let telemetry = start(&[
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &format!("{}/v1/metrics", prometheus.otlp_url())),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &format!("http://127.0.0.1:{}/v1/traces", sink.port())),
    ]);
    plan_to_push();
    telemetry.force_flush().into_result().unwrap();
    // The exemplar is sent again with the same cumulative values, which a receiver must accept.
    telemetry.force_flush().into_result().unwrap();
    let received = sink.next_spans();
    let span = received.spans().next().unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (from, to) = ((now - 600).to_string(), (now + 600).to_string());
    let query = [("query", "phoenix_planner_request_duration_seconds_bucket"), ("start", &*from), ("end", &*to)];
    let found = wait_until("an exemplar in Prometheus", || {
        let data = prometheus.api("/api/v1/query_exemplars", &query)?;
        let exemplar = data.pointer("/0/exemplars/0").ok_or_else(|| data.to_string())?;
        Ok::<_, String>((data[0]["seriesLabels"]["method"].clone(), exemplar.clone()))
    });
    assert_eq!(found.0, "plan_to_push");
    let labels = &found.1["labels"];
    assert_eq!((&labels["trace_id"], &labels["span_id"]), (&hex(&span.trace_id).into(), &hex(&span.span_id).into()));
    telemetry.shutdown().into_result().unwrap();
}

metrics! {
    /// Time to check a plan.
    static CHECKING: Histogram { depth: Depth, strict: Strict } = "exemplars_pushed.checking" { unit: "s", bounds: [1.0] };
    /// Time to store a plan.
    static STORING: Histogram { depth: Depth, tenant: &str } = "exemplars_pushed.storing" { unit: "s", bounds: [1.0] };
}

#[derive(Clone, Copy, Debug, Label)]
enum Depth {
    Shallow,
    Deep,
}

#[derive(Clone, Copy, Debug, Label)]
enum Strict {
    Yes,
    No,
}

#[tracing::instrument]
fn check() {
    CHECKING.record(0.5, CHECKING { depth: Depth::Shallow, strict: Strict::Yes });
    CHECKING.record(0.7, CHECKING { depth: Depth::Deep, strict: Strict::No });
    STORING.record(0.5, STORING { depth: Depth::Deep, tenant: "a" });
}

/// In the SDK's specification, an exemplar keeps the attributes that a view drops.
#[test]
fn an_exemplar_carries_the_attributes_that_a_view_drops() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let builder = builder(&[
        ("OTEL_METRICS_EXPORTER", "otlp,prometheus"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://127.0.0.1:{}", sink.port())),
    ]);
    let drop_from = |metric, attribute| View::select(metric).drop_attributes([attribute]);
    let telemetry = builder
        .without_listener()
        .view(drop_from("phoenix.planner.request.duration", "method"))
        .view(drop_from("exemplars_pushed.checking", "depth"))
        .view(drop_from("exemplars_pushed.storing", "tenant"))
        .init()
        .unwrap();
    plan_to_push();
    check();
    telemetry.force_flush().into_result().unwrap();
    let received = sink.next();
    let attributes = |metric| {
        let Some(Data::Histogram(histogram)) = &received.metric(metric).unwrap().data else { panic!("a histogram") };
        let exemplars = histogram.data_points.iter().flat_map(|point| {
            point.exemplars.iter().map(|exemplar| (shown(&point.attributes), shown(&exemplar.filtered_attributes)))
        });
        let mut exemplars: Vec<_> = exemplars.collect();
        exemplars.sort();
        exemplars
    };
    let pair = |point: &str, exemplar: &str| (point.to_owned(), exemplar.to_owned());
    assert_eq!(attributes("phoenix.planner.request.duration"), [pair("", "method=plan_to_push")]);
    assert_eq!(
        attributes("exemplars_pushed.checking"),
        [pair("strict=no", "depth=deep"), pair("strict=yes", "depth=shallow")]
    );
    // Strings are not kept, since each observation would have to copy them.
    assert_eq!(attributes("exemplars_pushed.storing"), [pair("depth=deep", "")]);

    let accept = ::http::Request::get("/metrics").header("accept", "application/openmetrics-text; version=1.0.0");
    let request = accept.body(http_body_util::Empty::<bytes::Bytes>::new()).unwrap();
    let answer = phoenix_otel_tests::block_on(tower::ServiceExt::oneshot(telemetry.router(), request)).unwrap();
    let body = phoenix_otel_tests::block_on(http_body_util::BodyExt::collect(answer.into_body())).unwrap().to_bytes();
    let exposition = String::from_utf8(body.to_vec()).unwrap();
    let read = exemplars(&exposition);
    let with = |name: &str, value: &str| {
        read.iter().filter(|exemplar| exemplar.exemplar.get(name).is_some_and(|has| has == value)).count()
    };
    assert_eq!(
        (with("method", "plan_to_push"), with("depth", "deep"), with("depth", "shallow")),
        (1, 1, 1),
        "{exposition}"
    );
    telemetry.shutdown().into_result().unwrap();
}

/// The overflow series has no attributes of the observation.
#[test]
fn an_exemplar_of_the_overflow_carries_all_attributes() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", &*format!("http://127.0.0.1:{}", sink.port()));
    let builder = builder(&[("OTEL_TRACES_EXPORTER", "none"), endpoint]);
    let telemetry = builder.view(View::select("exemplars_pushed.checking").cap(1)).init().unwrap();
    check();
    telemetry.force_flush().into_result().unwrap();
    let received = sink.next();
    let Some(Data::Histogram(checking)) = &received.metric("exemplars_pushed.checking").unwrap().data else { panic!() };
    let overflow = checking.data_points.iter().filter(|point| point.attributes[0].key == "otel.metric.overflow");
    let filtered: Vec<_> =
        overflow.flat_map(|point| &point.exemplars).map(|one| shown(&one.filtered_attributes)).collect();
    // Both observations are in one bucket, which keeps the newest exemplar.
    assert!(filtered.contains(&"depth=deep,strict=no".to_owned()), "{checking:?}");
    telemetry.shutdown().into_result().unwrap();
}

fn shown(attributes: &[KeyValue]) -> String {
    let pairs =
        attributes.iter().map(|attribute| match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
            Some(any_value::Value::StringValue(value)) => format!("{}={value}", attribute.key),
            other => panic!("{other:?}"),
        });
    pairs.collect::<Vec<_>>().join(",")
}

/// Only a flush pushes metrics.
fn start(variables: &[(&str, &str)]) -> Telemetry {
    builder(variables).init().unwrap()
}

fn builder(variables: &[(&str, &str)]) -> Builder {
    let fixed = [
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_TRACES_SAMPLER", "always_on"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
    ];
    // The later of two variables takes precedence.
    let variables = fixed.iter().chain(variables).copied().collect::<std::collections::BTreeMap<_, _>>();
    phoenix_otel::builder("planner").environment(variables)
}

/// Returns the point of the only function that is called here.
fn point(received: &Received) -> &HistogramDataPoint {
    let Some(Data::Histogram(histogram)) = &received.metric("phoenix.planner.request.duration").unwrap().data else {
        panic!("a histogram");
    };
    let is_called = |point: &&HistogramDataPoint| {
        let method = point.attributes.iter().find(|attribute| attribute.key == "method");
        let method = method.and_then(|method| method.value.as_ref()?.value.as_ref());
        method == Some(&any_value::Value::StringValue("plan_to_push".to_owned()))
    };
    histogram.data_points.iter().find(is_called).unwrap()
}
