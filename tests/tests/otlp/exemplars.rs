//! An exemplar in a real Prometheus has the trace ID of a trace that the span receiver got.

use std::time::{SystemTime, UNIX_EPOCH};

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::openmetrics::exemplars;
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::protobuf::{ACCEPT, decode, labels};
use phoenix_otel_tests::{Prometheus, http, wait_until};

#[tracing::instrument]
#[instrument_metrics]
fn plan() -> Option<u32> {
    Some(1)
}

#[test]
fn prometheus_stores_the_exported_trace_id() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let endpoint = format!("http://127.0.0.1:{}", sink.port());
    let telemetry = phoenix_otel::builder("planner")
        .environment([("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint)])
        .exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0))
        .init()
        .unwrap();
    plan();
    telemetry.force_flush().into_result().unwrap();
    let received = sink.next_spans();
    let span = received.spans().next().unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let sent = (hex(&span.trace_id), hex(&span.span_id));

    let address = wait_until("the endpoint", || telemetry.scrape_address().ok_or("not bound yet"));
    let accept = [("accept", "application/openmetrics-text; version=1.0.0")];
    let exposition = http::get(&format!("http://{address}/metrics"), &accept).unwrap().ok().unwrap();
    let read = exemplars(&exposition);
    assert_eq!(read.len(), 1, "{read:#?}");
    assert_eq!((read[0].trace_id(), read[0].span_id()), (&*sent.0, &*sent.1));

    let (_, protobuf) = http::get_bytes(&format!("http://{address}/metrics"), &[("accept", ACCEPT)]).unwrap();
    let families = decode(&protobuf);
    let duration = families.iter().find(|family| family.name() == "phoenix_planner_request_duration_seconds").unwrap();
    let buckets = &duration.metric[0].histogram.as_ref().unwrap().bucket;
    let in_protobuf: Vec<_> = buckets.iter().filter_map(|bucket| bucket.exemplar.as_ref()).collect();
    assert_eq!(in_protobuf.len(), 1, "{buckets:?}");
    let ids = labels(&in_protobuf[0].label);
    assert_eq!((&ids["trace_id"], &ids["span_id"]), (&sent.0, &sent.1));
    let time = in_protobuf[0].timestamp.unwrap();
    let seconds = time.seconds as f64 + f64::from(time.nanos) / 1e9;
    assert!((in_protobuf[0].value() - read[0].value).abs() < 1e-9 && (seconds - read[0].time).abs() < 1e-3);

    let prometheus = Prometheus::from_repository().targets("services", &[&address.to_string()]).start();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (from, to) = ((now - 600).to_string(), (now + 600).to_string());
    let query = [("query", "phoenix_planner_request_duration_seconds_bucket"), ("start", &*from), ("end", &*to)];
    let found = wait_until("an exemplar in Prometheus", || {
        let data = prometheus.api("/api/v1/query_exemplars", &query)?;
        let exemplar = data.pointer("/0/exemplars/0").ok_or_else(|| data.to_string())?;
        Ok::<_, String>((data[0]["seriesLabels"]["method"].clone(), exemplar.clone()))
    });
    assert_eq!(found.0, "plan");
    assert_eq!((&found.1["labels"]["trace_id"], &found.1["labels"]["span_id"]), (&sent.0.into(), &sent.1.into()));
}
