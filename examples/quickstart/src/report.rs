//! What the program prints: the addresses at the start, and a table of the calls at the end.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use phoenix_otel::Telemetry;

/// Prints the addresses of the service and of its metrics.
pub(crate) fn print_addresses(service: SocketAddr, telemetry: &Telemetry) {
    println!("service  http://{service}/route/paris/berlin");
    match telemetry.scrape_address() {
        Some(metrics) => {
            println!("metrics  http://{metrics}/metrics");
            // On other addresses the page is off unless PHOENIX_OTEL_PAGE=true.
            if metrics.ip().is_loopback() {
                println!("page     http://{metrics}/");
            }
        }
        None => println!("metrics  no scrape endpoint"),
    }
    println!("stop     Ctrl-C\n");
}

/// What was recorded for one instrumented function.
#[derive(Default)]
struct Calls {
    by_status: BTreeMap<String, f64>,
    errors: BTreeMap<String, f64>,
    seconds: f64,
    count: f64,
    buckets: Vec<(f64, f64)>,
}

/// Prints a table of the calls. It parses the exposition that Prometheus scrapes.
pub(crate) async fn print_calls(telemetry: &Telemetry) {
    let Ok(exposition) = telemetry.exposition() else { return };
    let mut functions: BTreeMap<String, Calls> = BTreeMap::new();
    for line in exposition.lines() {
        let Some((name, labels, value)) = sample(line) else { continue };
        let Some(method) = label(labels, "method").filter(|_| name.starts_with("phoenix_quickstart_")) else {
            continue;
        };
        let calls = functions.entry(method.to_owned()).or_default();
        match name {
            "phoenix_quickstart_requests_total" => {
                calls.by_status.insert(label(labels, "status").unwrap_or_default().to_owned(), value);
            }
            "phoenix_quickstart_errors_total" => {
                calls.errors.insert(label(labels, "error_type").unwrap_or_default().to_owned(), value);
            }
            "phoenix_quickstart_request_duration_seconds_sum" => calls.seconds = value,
            "phoenix_quickstart_request_duration_seconds_count" => calls.count = value,
            "phoenix_quickstart_request_duration_seconds_bucket" => {
                let bound = label(labels, "le").and_then(|le| le.parse().ok()).unwrap_or(f64::INFINITY);
                calls.buckets.push((bound, value));
            }
            _ => {}
        }
    }
    println!("{:<20} {:>8} {:>8} {:>10} {:>10}  errors", "function", "ok", "error", "mean", "p95");
    for (method, calls) in &functions {
        let errors: Vec<_> =
            calls.errors.iter().filter(|(_, n)| **n > 0.0).map(|(kind, n)| format!("{kind} {n}")).collect();
        println!(
            "{method:<20} {:>8} {:>8} {:>10} {:>10}  {}",
            calls.by_status.get("ok").unwrap_or(&0.0),
            calls.by_status.get("error").unwrap_or(&0.0),
            milliseconds(calls.seconds / calls.count),
            milliseconds(calls.quantile_bound(0.95)),
            errors.join(", ")
        );
    }
}

impl Calls {
    /// The lowest bucket bound that covers this share of the calls.
    fn quantile_bound(&self, share: f64) -> f64 {
        let bound = self.buckets.iter().find(|(_, count)| *count > 0.0 && *count >= share * self.count);
        bound.map_or(f64::NAN, |(bound, _)| *bound)
    }
}

fn milliseconds(seconds: f64) -> String {
    if seconds.is_finite() { format!("{:.2} ms", seconds * 1e3) } else { "-".to_owned() }
}

/// Parses a sample of the text format: `name{labels} value`.
fn sample(line: &str) -> Option<(&str, &str, f64)> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = series.split_once('{')?;
    Some((name, labels.strip_suffix('}')?, value.parse().ok()?))
}

/// The value of a label. The labels used here contain no escapes.
fn label<'l>(labels: &'l str, name: &str) -> Option<&'l str> {
    labels.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix("=\"")?.strip_suffix('"'))
}
