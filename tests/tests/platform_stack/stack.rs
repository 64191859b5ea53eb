//! The stack: the platform, scraped; the quickstart, which pushes through the collector; Prometheus and Alertmanager.

use std::time::{SystemTime, UNIX_EPOCH};

use phoenix_otel::Telemetry;
use phoenix_otel::platform::Platform as Domains;
use phoenix_otel::platform::kb::SIMILARITY_SCORE;
use phoenix_otel_tests::platform::OUTAGE_SERVICES;
use phoenix_otel_tests::prometheus::SCRAPE_SECONDS;
use phoenix_otel_tests::rules::at_once;
use phoenix_otel_tests::{Alertmanager, Collector, Platform, Prometheus, Quickstart};
use serde_json::json;

use crate::variables::STEP_SECONDS;

/// A running stack after its load.
pub(crate) struct Stack {
    pub(crate) prometheus: Prometheus,
    /// Start and end of the load, in seconds since the epoch.
    pub(crate) span: (f64, f64),
    _running: (Platform, Quickstart, Collector, Alertmanager, Telemetry),
}

impl Stack {
    /// Starts the stack and runs all scenarios of the load generator, each for a number of acts and in parallel with calm work. Waits until the
    /// effects are visible.
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
        // This process is a service that records invalid values, which the platform does not do, so that dropped values are counted.
        let telemetry = phoenix_otel::builder("nonsense")
            .with(Domains::new())
            .exporter(phoenix_otel::Prometheus::new().port(0))
            .init()
            .expect("init succeeds");
        let nonsense = telemetry.scrape_address().expect("the server listens").to_string();

        let platform = Platform::start(&[]);
        let mut targets = platform.targets().as_array().cloned().expect("a list of targets");
        targets.push(json!({ "targets": [nonsense], "labels": { "service": "nonsense" } }));
        prometheus.set_file("targets/services.yml", &json!(targets).to_string());
        let seen = |promql: &str| prometheus.wait_for(promql, |seen| !seen.is_empty());

        let began = now();
        let busy = platform.keep_busy("calm");
        // Wait until all services are scraped, so that the following changes are visible.
        seen(&format!("count(up{SERVICES} == 1) == {}", targets.len()));
        SIMILARITY_SCORE.record(f64::NAN, ());
        platform.run_scenario("errors", 19);
        platform.run_scenario("attack", 60);
        platform.run_scenario("slow", 2);
        platform.start_outage();
        for service in OUTAGE_SERVICES {
            seen(&format!("max(phoenix_circuit_breaker_state{{service={service:?}}}) > 0"));
            // The panels look at every STEP_SECONDS only, so the alert must fire for longer than that.
            let firing = format!("ALERTS{{alertname=\"ServiceDown\",service={service:?},alertstate=\"firing\"}}");
            seen(&format!("{firing} and {firing} offset {}s", 2.0 * STEP_SECONDS));
        }
        platform.end_outage();
        seen("max(phoenix_circuit_breaker_state) == 0");
        // Instant queries look at the last scrapes, so wait for some scrapes of all services.
        seen(&format!("min(count_over_time((up{SERVICES} == 1)[{}s:1s])) >= {0}", 4 * SCRAPE_SECONDS));
        let span = (began, now());
        drop(busy);
        Self { prometheus, span, _running: (platform, quickstart, collector, alertmanager, telemetry) }
    }
}

/// The targets that are services.
const SERVICES: &str = "{job=\"phoenix-services\"}";

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs_f64()
}
