//! OTLP requests in JSON, written by hand, for tests that must not depend on our SDK.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::http;

/// Sends OTLP as JSON. An error or a partial success fails the test.
///
/// # Panics
///
/// If the receiver does not accept all of it.
#[track_caller]
pub fn send(url: &str, body: &Value) {
    let answer = http::post(url, "application/json", &body.to_string()).and_then(http::Response::ok);
    let said = answer.unwrap_or_else(|e| panic!("{url}: {e}"));
    assert!(!said.contains("rejected"), "{said}");
}

/// A request with everything that our SDK sends, and with values that are handled differently by scrape and OTLP: zeros,
/// large and small bounds, a label `service`, unusual label values.
pub fn orders() -> Value {
    let resource = json!([
        text("service.name", "orders"),
        text("service.version", "1.2.3"),
        text("service.instance.id", "orders-1"),
        text("service", "orders"),
        text("version", "1.2.3"),
        text("telemetry.sdk.language", "rust"),
    ]);
    let odd = "quote \" backslash \\ newline \n Grüße";
    let metrics = json!([
        counter("phoenix.orders.placed", "{order}", &[(&[("status", "ok")], 12.0), (&[("status", "error")], 0.0)]),
        counter("phoenix.orders.cost.dollars", "{USD}", &[(&[("model", odd)], 0.1)]),
        counter("phoenix.orders.sent", "By", &[(&[], 9_007_199_254_740_993.0)]),
        counter("phoenix.data_router.routes", "", &[(&[("service", "search")], 4.0)]),
        sum("phoenix.orders.active", "{request}", false, &[(&[("method", "place")], 0.0)]),
        gauge("phoenix.circuit_breaker.state", "", &[(&[("service", "payments")], 2.0)]),
        gauge("phoenix.orders.cache.hit.ratio", "1", &[(&[], 0.25)]),
        gauge("phoenix.orders.balance", "", &[(&[], -1e-7)]),
        histogram(
            "phoenix.orders.request.duration",
            "s",
            &[0.000_001, 0.000_025, 0.005, 1.0, 2.5],
            &[0, 1, 2, 3, 0, 1]
        ),
        histogram("phoenix.orders.empty.duration", "s", &[0.3, 1.2], &[0, 0, 0]),
        histogram(
            "phoenix.orders.request.size",
            "By",
            &[0.0, 100.0, 1e5, 1e6, 1_048_576.0, 2.5e6, 16_777_216.0, 5e8, 268_435_456.0 * 2.0, 1_073_741_824.0, 1e10],
            &[1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 5],
        ),
    ]);
    payload(&resource, &metrics)
}

/// The data points of a metric: labels and value.
pub type Points<'a> = [(&'a [(&'a str, &'a str)], f64)];

/// An export request with one resource and our scope.
pub fn payload(resource: &Value, metrics: &Value) -> Value {
    json!({"resourceMetrics": [{
        "resource": {"attributes": resource},
        "scopeMetrics": [{"scope": {"name": "phoenix_otel", "version": "0.1.0"}, "metrics": metrics}],
    }]})
}

/// A cumulative counter.
pub fn counter(name: &str, unit: &str, points: &Points<'_>) -> Value {
    sum(name, unit, true, points)
}

/// A cumulative sum, monotonic or not.
pub fn sum(name: &str, unit: &str, monotonic: bool, points: &Points<'_>) -> Value {
    json!({"name": name, "unit": unit, "description": "By hand.", "sum": {
        "aggregationTemporality": 2, "isMonotonic": monotonic, "dataPoints": numbers(points),
    }})
}

/// A gauge.
pub fn gauge(name: &str, unit: &str, points: &Points<'_>) -> Value {
    json!({"name": name, "unit": unit, "gauge": {"dataPoints": numbers(points)}})
}

fn numbers(points: &Points<'_>) -> Vec<Value> {
    let point = |(labels, value): &(&[(&str, &str)], f64)| {
        let attributes: Vec<Value> = labels.iter().map(|(key, value)| text(key, value)).collect();
        json!({
            "attributes": attributes, "asDouble": value,
            "startTimeUnixNano": nanoseconds(60), "timeUnixNano": nanoseconds(0),
        })
    };
    points.iter().map(point).collect()
}

/// A cumulative histogram with one point and a count per bucket. Its sum is half its count.
pub fn histogram(name: &str, unit: &str, bounds: &[f64], counts: &[u32]) -> Value {
    let count: u32 = counts.iter().sum();
    json!({"name": name, "unit": unit, "histogram": {"aggregationTemporality": 2, "dataPoints": [{
        "attributes": [text("method", "place")],
        "startTimeUnixNano": nanoseconds(60), "timeUnixNano": nanoseconds(0),
        "count": count.to_string(), "sum": f64::from(count) * 0.5,
        "explicitBounds": bounds,
        "bucketCounts": counts.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }]}})
}

/// A string attribute.
pub fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// A time some seconds ago, in the JSON encoding of OTLP.
fn nanoseconds(ago: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970");
    (now.as_nanos() - u128::from(ago) * 1_000_000_000).to_string()
}
