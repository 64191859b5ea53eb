//! The cap of a metric: what exceeds it is recorded on one series, counted, and named.

use phoenix_otel::{Exporter, Status, instrument_metrics, metrics};
use phoenix_otel_tests::Samples;

metrics! {
    /// Orders, by country.
    static ORDERS: Counter { country: &str } = "acme.orders" { unit: "{order}", cap: 10 };
    /// Imports, by tenant.
    static IMPORTS: Counter { tenant: &str, status: Status } = "acme.imports" { unit: "{import}", cap: 40 };
    /// Time to import.
    static IMPORT_DURATION: Histogram { tenant: &str } = "acme.import.duration" { unit: "s", bounds: [1.0], cap: 10 };
    /// One import.
    static IMPORT: CallSet { tenant: &str } = { requests: IMPORTS, duration: IMPORT_DURATION };
    /// Jobs, by tenant.
    static JOBS: Counter { tenant: &str, status: Status } = "acme.jobs" { unit: "{job}", cap: 6 };
    /// One job.
    static JOB: CallSet { tenant: &str } = { requests: JOBS };
    /// Somebody else's orders.
    static OTHER: Counter { country: &str } = "acme.other" { unit: "{order}", cap: 10 };
}

#[instrument_metrics(IMPORT { tenant })]
fn import(tenant: &str) {}

/// The newest `init` binds the handles, so that one test has it at a time.
static INIT: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[test]
fn what_exceeds_the_cap_is_counted() {
    let _one = INIT.lock();
    let telemetry = phoenix_otel::builder("caps").exporter(Exporter::Prometheus).without_listener().init().unwrap();
    OTHER.add(1, OTHER { country: "nl" });
    assert_eq!(
        Samples::of(&telemetry).get("phoenix_otel_overflow_total", &[("metric", "acme_orders_total")]),
        Some(0.0)
    );
    let hostile: Vec<String> = (0..10_000).map(|n| format!("value {n}")).collect();
    for value in &hostile {
        ORDERS.add(2, ORDERS { country: value });
        import(value);
    }
    // What was seen first keeps its series.
    ORDERS.add(1, ORDERS { country: "value 3" });

    let samples = Samples::of(&telemetry);
    assert_eq!(samples.all("acme_orders_total", &[]).count(), 11);
    assert_eq!(samples.get("acme_orders_total", &[("country", "value 3")]), Some(3.0));
    assert_eq!(samples.get("acme_orders_total", &[("otel_metric_overflow", "true")]), Some(19_980.0));
    assert_eq!(samples.get("phoenix_otel_overflow_total", &[("metric", "acme_orders_total")]), Some(9_990.0));
    assert_eq!(samples.sum("acme_imports_total", &[]), 10_000.0);
    assert_eq!(samples.sum("acme_import_duration_seconds_count", &[]), 10_000.0);
    assert_eq!(samples.get("phoenix_otel_overflow_total", &[("metric", "acme_imports_total")]), Some(9_990.0));
    assert_eq!(
        samples.get("phoenix_otel_overflow_total", &[("metric", "acme_import_duration_seconds")]),
        Some(9_990.0)
    );
    assert_eq!(samples.get("acme_other_total", &[("country", "nl")]), Some(1.0));
    assert_eq!(samples.get("phoenix_otel_overflow_total", &[("metric", "acme_other_total")]), Some(0.0));
}

#[instrument_metrics(JOB { tenant })]
fn job(tenant: &str, succeeds: bool) -> Option<()> {
    succeeds.then_some(())
}

#[test]
fn the_statuses_of_a_call_overflow_together() {
    let _one = INIT.lock();
    let telemetry = phoenix_otel::builder("jobs").exporter(Exporter::Prometheus).without_listener().init().unwrap();
    // Four series have room, and two of the next four would have.
    job("a", true);
    job("b", true);
    job("b", false);
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.all("acme_jobs_total", &[("tenant", "a")]).count(), 4);
    assert_eq!(samples.all("acme_jobs_total", &[("tenant", "b")]).count(), 0);
    assert_eq!(samples.get("acme_jobs_total", &[("otel_metric_overflow", "true")]), Some(2.0));
    assert_eq!(samples.get("phoenix_otel_overflow_total", &[("metric", "acme_jobs_total")]), Some(2.0));
}
