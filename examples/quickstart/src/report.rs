//! What is printed: where to look, and what was measured.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use phoenix_otel::Telemetry;

/// Says where the service and its metrics are.
pub(crate) fn where_to_look(service: SocketAddr, telemetry: &Telemetry) {
    println!("service  http://{service}/route/paris/berlin");
    match telemetry.scrape_address() {
        Some(metrics) => {
            println!("metrics  http://{metrics}/metrics");
            // Off loopback it is served only where `PHOENIX_OTEL_PAGE=true` switches it on.
            if metrics.ip().is_loopback() {
                println!("page     http://{metrics}/");
            }
        }
        None => println!("metrics  have no endpoint here now"),
    }
    println!("stop     Ctrl-C\n");
}

/// One instrumented function's numbers.
#[derive(Default)]
struct Measured {
    by_status: BTreeMap<String, f64>,
    errors: BTreeMap<String, f64>,
    seconds: f64,
    count: f64,
    buckets: Vec<(f64, f64)>,
}

/// Prints a table of the calls, read from the same exposition that Prometheus scrapes.
pub(crate) async fn what_was_measured(telemetry: &Telemetry) {
    let Ok(exposition) = telemetry.exposition() else { return };
    let mut functions: BTreeMap<String, Measured> = BTreeMap::new();
    for line in exposition.lines() {
        let Some((name, labels, value)) = sample(line) else { continue };
        let Some(method) = label(labels, "method") else { continue };
        let of = functions.entry(method.to_owned()).or_default();
        match name {
            "phoenix_quickstart_requests_total" => {
                of.by_status.insert(label(labels, "status").unwrap_or_default().to_owned(), value);
            }
            "phoenix_quickstart_errors_total" => {
                of.errors.insert(label(labels, "error_type").unwrap_or_default().to_owned(), value);
            }
            "phoenix_quickstart_request_duration_seconds_sum" => of.seconds = value,
            "phoenix_quickstart_request_duration_seconds_count" => of.count = value,
            "phoenix_quickstart_request_duration_seconds_bucket" => {
                let bound = label(labels, "le").and_then(|le| le.parse().ok()).unwrap_or(f64::INFINITY);
                of.buckets.push((bound, value));
            }
            _ => {}
        }
    }
    println!("{:<20} {:>8} {:>8} {:>10} {:>10}  errors", "function", "ok", "error", "mean", "p95");
    for (method, of) in &functions {
        let errors: Vec<_> =
            of.errors.iter().filter(|(_, n)| **n > 0.0).map(|(kind, n)| format!("{kind} {n}")).collect();
        println!(
            "{method:<20} {:>8} {:>8} {:>10} {:>10}  {}",
            of.by_status.get("ok").unwrap_or(&0.0),
            of.by_status.get("error").unwrap_or(&0.0),
            milliseconds(of.seconds / of.count),
            milliseconds(of.bound_of(0.95)),
            errors.join(", ")
        );
    }
}

impl Measured {
    /// The lowest bound under which this share of the calls was.
    fn bound_of(&self, share: f64) -> f64 {
        let bound = self.buckets.iter().find(|(_, count)| *count > 0.0 && *count >= share * self.count);
        bound.map_or(f64::NAN, |(bound, _)| *bound)
    }
}

fn milliseconds(seconds: f64) -> String {
    if seconds.is_finite() { format!("{:.2} ms", seconds * 1e3) } else { "-".to_owned() }
}

/// `name{labels} value`, as the text exposition writes it.
fn sample(line: &str) -> Option<(&str, &str, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = series.split_once('{')?;
    Some((name, labels.strip_suffix('}')?, value.parse().ok()?))
}

/// A label's value. The labels that are looked up here need no escapes.
fn label<'l>(labels: &'l str, name: &str) -> Option<&'l str> {
    labels.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix("=\"")?.strip_suffix('"'))
}
