//! The service under test: the quickstart, which pushes over OTLP while it gets requests.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use phoenix_otel_tests::{Quickstart, Samples, http};

/// The push interval. A minute is usual; it only affects how long a test takes.
pub(crate) const INTERVAL: Duration = Duration::from_millis(250);

/// A running service. Its own endpoint has the expected values.
pub(crate) struct Service {
    quickstart: Quickstart,
}

impl Service {
    /// Starts a service that pushes to this URL of OTLP over HTTP.
    pub(crate) fn pushing_to(url: &str) -> Self {
        let interval = INTERVAL.as_millis().to_string();
        let environment = [
            ("OTEL_METRICS_EXPORTER", "otlp,prometheus"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", url),
            ("OTEL_METRIC_EXPORT_INTERVAL", interval.as_str()),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"),
            ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"),
        ];
        Self { quickstart: Quickstart::start(&["--no-traffic"], &environment) }
    }

    /// Sends requests as long as `during` runs. Returns how many of each, and the result of `during`.
    pub(crate) fn with_requests<T>(&self, during: impl FnOnce() -> T) -> (u32, T) {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let client = scope.spawn(|| {
                let mut requests = 0;
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(self.quickstart.get("/cities"), 200);
                    assert_eq!(self.quickstart.get("/route/paris/atlantis"), 404);
                    requests += 1;
                    thread::sleep(Duration::from_millis(20));
                }
                requests
            });
            // Also stops the client if `during` panics.
            let end = End(&over);
            let given = during();
            drop(end);
            (client.join().expect("the service responds"), given)
        })
    }

    /// Returns how many exports failed, according to the service.
    pub(crate) fn failed(&self) -> f64 {
        let exports = "otel_sdk_exporter_operation_duration_seconds_count";
        let of = |labels: &[(&str, &str)]| self.samples().sum(exports, labels);
        let over_http = ("otel_component_type", "otlp_http_metric_exporter");
        of(&[over_http, ("error_type", "failed")]) + of(&[over_http, ("error_type", "timeout")])
    }

    /// Scrapes the service.
    pub(crate) fn samples(&self) -> Samples {
        let url = format!("http://{}/metrics", self.quickstart.metrics());
        let text = http::get(&url, &[]).and_then(http::Response::ok);
        Samples::parse(&text.unwrap_or_else(|e| panic!("{url}: {e}")))
    }
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
