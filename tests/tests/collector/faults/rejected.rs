//! Data that Prometheus always rejects.

use phoenix_otel_tests::otlp_json::{counter, payload, send, text};
use phoenix_otel_tests::wait_until;
use serde_json::{Value, json};

use super::pipeline::{Pipeline, now, samples_arrive};

/// Prometheus rejects a sample older than `out_of_order_time_window`, together with its whole request, since
/// it accepts a remote write request as a whole or not at all. Later requests are not affected.
#[test]
fn a_sample_that_is_too_old_blocks_no_other() {
    let pipeline = Pipeline::start();
    let (requests, ()) = pipeline.service.with_requests(|| {
        samples_arrive(&pipeline.prometheus);
        send(&format!("{}/v1/metrics", pipeline.agent.otlp_http_url()), &hours_ago(6.0));
        wait_until("the agent to let it go", || {
            let gone = pipeline.agent_metric("otelcol_exporter_send_failed_metric_points_total");
            if gone > 0.0 { Ok(()) } else { Err("it still has it") }
        });
        samples_arrive(&pipeline.prometheus);
    });
    let stored = pipeline.assert_arrived(requests);
    assert!(stored.missing() <= 2, "{stored:?}");
}

fn hours_ago(hours: f64) -> Value {
    let mut metric = counter("phoenix.late.calls", "", &[(&[], 3.0)]);
    let nanoseconds = ((now() - hours * 3600.0) * 1e9) as u64;
    metric["sum"]["dataPoints"][0]["timeUnixNano"] = json!(nanoseconds.to_string());
    payload(&json!([text("service.name", "late"), text("service.instance.id", "late-1")]), &json!([metric]))
}
