//! What runs: the platform, scraped; the quickstart, which pushes through the collector; Prometheus and Alertmanager.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use phoenix_otel::Telemetry;
use phoenix_otel::platform::Platform as Domains;
use phoenix_otel::platform::kb::SIMILARITY_SCORE;
use phoenix_otel_tests::{Alertmanager, Collector, Platform, Prometheus, Quickstart};
use serde_json::json;

/// How long the outage lasts with what is before and after it: in its second quarter two services are down.
const LOAD: &str = "24s";
/// What else the platform bears meanwhile, one after the other.
const BESIDE: [(&str, &str); 3] = [("errors", "8s"), ("slow", "6s"), ("attack", "4s")];

/// A stack that was under load, and still runs.
pub(crate) struct Stack {
    pub(crate) prometheus: Prometheus,
    /// When the load began and ended, in seconds since the epoch.
    pub(crate) span: (f64, f64),
    _running: (Platform, Quickstart, Collector, Alertmanager, Telemetry),
}

impl Stack {
    /// Starts it, and puts all scenarios of the load generator on it.
    #[track_caller]
    pub(crate) fn under_load() -> Self {
        let alertmanager = Alertmanager::from_repository().start();
        let prometheus = Prometheus::from_repository()
            .remote_write_receiver()
            .rules(|_, text| at_once(&text))
            .targets("alertmanager", &[alertmanager.address()])
            .start();
        prometheus.set_targets("prometheus", &[prometheus.address()]);
        let collector = Collector::gateway(&prometheus.remote_write_url()).start();
        prometheus.set_targets("otelcol", &[&collector.own_metrics_address()]);
        let quickstart = Quickstart::start(
            &[],
            &[
                ("OTEL_METRICS_EXPORTER", "otlp"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.otlp_http_url()),
                ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
            ],
        );
        // This process is a service that measures nonsense, which no service of the platform does: what is dropped is counted.
        let telemetry = phoenix_otel::builder("nonsense")
            .with(Domains::new())
            .exporter(phoenix_otel::Prometheus::new().port(0))
            .init()
            .expect("telemetry starts");
        let nonsense = telemetry.scrape_address().expect("it listens").to_string();

        let platform = Platform::under_load("outage", LOAD);
        let mut targets = platform.targets().as_array().cloned().expect("a list of targets");
        targets.push(json!({ "targets": [nonsense], "labels": { "service": "nonsense" } }));
        prometheus.set_file("targets/services.yml", &json!(targets).to_string());
        let began = now();
        thread::scope(|scope| {
            scope.spawn(|| {
                for (scenario, lasts) in BESIDE {
                    SIMILARITY_SCORE.record(f64::NAN, ());
                    platform.load(scenario, lasts);
                }
            });
            platform.load_ended(Duration::from_secs(90));
        });
        let span = (began, now());
        Self { prometheus, span, _running: (platform, quickstart, collector, alertmanager, telemetry) }
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs_f64()
}

/// The same rules, evaluated every second, whose alerts wait a second.
fn at_once(text: &str) -> String {
    let line = |line: &str| {
        let key = ["for: ", "interval: "].into_iter().find(|key| line.trim_start().starts_with(key));
        let indent = &line[..line.len() - line.trim_start().len()];
        key.map_or_else(|| format!("{line}\n"), |key| format!("{indent}{key}1s\n"))
    };
    text.lines().map(line).collect()
}
