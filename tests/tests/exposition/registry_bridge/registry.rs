//! A registry of the service, served on our endpoint together with our metrics.

use std::sync::{Mutex, PoisonError};

use phoenix_otel_tests::{Samples, http, wait_until};
use prometheus::Registry;
use prometheus::core::Collector;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{JOBS, once_each, register};

#[test]
fn a_registry_of_the_service_is_served_on_our_endpoint() {
    phoenix_otel_tests::isolated!();
    tracing_subscriber::registry().with(Warnings).try_init().expect("the only subscriber of this process");
    let registry = Registry::new();
    let queue = prometheus::IntGaugeVec::new(prometheus::Opts::new("legacy_queue", "Waiting."), &["name"]).unwrap();
    let old_jobs = prometheus::IntCounter::new("legacy_jobs_total", "Old jobs.").unwrap();
    let seconds = prometheus::Histogram::with_opts(
        prometheus::HistogramOpts::new("legacy_seconds", "Time.").buckets(vec![0.5, 2.0]),
    );
    let seconds = seconds.unwrap();
    register(
        &registry,
        [Box::new(queue.clone()) as Box<dyn Collector>, Box::new(old_jobs.clone()), Box::new(seconds.clone())],
    );
    queue.with_label_values(&["mail \"quoted\"\n"]).set(-3);
    old_jobs.inc_by(40);
    seconds.observe(1.0);

    let telemetry = phoenix_otel::builder("bridge-service")
        .version("1.2.3")
        .exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0))
        .registry(registry)
        .without_subscriber()
        .init()
        .unwrap();
    JOBS.add(2, ());
    let address = wait_until("the endpoint to listen", || telemetry.scrape_address().ok_or("it does not yet"));
    let url = format!("http://{address}/metrics");

    let text = http::get(&url, &[]).expect("the server responds").body;
    let open_metrics = http::get(&url, &[("accept", "application/openmetrics-text; version=1.0.0")]);
    let open_metrics = open_metrics.expect("the server responds").body;
    assert!(open_metrics.ends_with("# EOF\n"), "{open_metrics}");
    let identity = [("service", "bridge-service"), ("version", "1.2.3")];
    for exposition in [&text, &open_metrics] {
        let samples = Samples::parse(exposition);
        let of_queue = [identity[0], identity[1], ("name", "mail \"quoted\"\n")];
        assert_eq!(samples.get("legacy_queue", &of_queue), Some(-3.0), "{exposition}");
        assert_eq!(samples.get("legacy_seconds_count", &identity), Some(1.0));
        assert_eq!(samples.all("legacy_seconds_bucket", &identity).count(), 3);
        // Both have a metric of this name: ours is served, once.
        assert_eq!(samples.get("legacy_jobs_total", &identity), Some(2.0), "{exposition}");
        assert!(!exposition.contains("Old jobs."), "{exposition}");
        once_each(&samples);
    }
    let messages = WARNINGS.lock().unwrap().clone();
    assert!(
        messages.iter().any(|warning| warning.contains("legacy_jobs_total") && warning.contains("name_conflict")),
        "{messages:?}"
    );
    // The next scrape has the changes in the registry.
    queue.with_label_values(&["late"]).set(7);
    assert_eq!(Samples::of(&telemetry).get("legacy_queue", &[("name", "late")]), Some(7.0));
}

static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps the warnings of any thread.
struct Warnings;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        if *event.metadata().level() == tracing::Level::WARN {
            let mut text = String::new();
            event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                text += &format!("{field}={value:?} ");
            });
            WARNINGS.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        }
    }
}
