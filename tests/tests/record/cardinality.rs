//! The cap of a metric: values past it are recorded on one overflow series, and counted.

use allocation_counter::measure as allocations;
use phoenix_otel::catalog::sdk::OVERFLOW;
use phoenix_otel::{Label, Status, instrument_metrics, metrics, testing};
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
    /// Synchronisations, by tenant.
    static SYNCS: Counter { source: Source, tenant: &str, status: Status } = "acme.syncs" { unit: "{sync}", cap: 8 };
    /// Time to synchronise, by source.
    static SYNC_DURATION: Histogram { source: Source } = "acme.sync.duration" { unit: "s", bounds: [1.0], cap: 8 };
    /// Synchronisations that failed, by source.
    static SYNC_ERRORS: Counter { source: Source, error_type: &str } = "acme.sync.errors" { unit: "{error}", cap: 8 };
    /// Synchronisations under way.
    static SYNCS_ACTIVE: UpDownCounter = "acme.syncs.active" { unit: "{sync}", cap: 8 };
    /// One synchronisation.
    static SYNC: CallSet { tenant: &str, source: Source } = {
        requests: SYNCS, duration: SYNC_DURATION, errors: SYNC_ERRORS, active: SYNCS_ACTIVE,
    };
    /// Messages, by sender.
    static MESSAGES: Counter { sender: &str } = "acme.messages" { unit: "{message}", cap: 100 };
    /// Queues.
    static QUEUES: ObservableGauge { queue: &str } = "acme.queues" { unit: "{job}", cap: 100 };
    /// Messages that wait somewhere else, by queue.
    static WAITING: ObservableUpDownCounter { queue: &str } = "acme.waiting" { unit: "{message}", cap: 10 };
    /// Calls to a dependency.
    static CALLED: Counter { service: &str } = "acme.called" { unit: "{call}", cap: 10 };
    /// Somebody else's orders.
    static OTHER: Counter { country: &str } = "acme.other" { unit: "{order}", cap: 10 };
}

#[derive(Clone, Copy, Label)]
enum Source {
    Ftp,
    Web,
}

#[instrument_metrics(IMPORT { tenant })]
fn import(tenant: &str) {}

#[test]
fn values_past_the_cap_are_counted() {
    let scope = testing::scope("caps");
    let overflow = |metric| scope.value(&OVERFLOW, OVERFLOW { metric });
    scope.run(|| OTHER.add(1, OTHER { country: "nl" }));
    let hostile: Vec<String> = (0..10_000).map(|n| format!("value {n}")).collect();
    scope.run(|| {
        for value in &hostile {
            ORDERS.add(2, ORDERS { country: value });
            import(value);
        }
        // The first series are kept.
        ORDERS.add(1, ORDERS { country: "value 3" });
    });
    let orders = |country| scope.value(&ORDERS, ORDERS { country });
    assert_eq!((orders("value 3"), orders("value 9"), orders("value 10")), (3, 2, 0));
    assert_eq!((scope.total(&ORDERS), overflow("acme_orders_total")), (20_001, 9_990));
    assert_eq!((scope.total(&IMPORTS), scope.total(&IMPORT_DURATION).count), (10_000, 10_000));
    assert_eq!((overflow("acme_imports_total"), overflow("acme_import_duration_seconds")), (9_990, 9_990));
    assert_eq!((scope.value(&OTHER, OTHER { country: "nl" }), overflow("acme_other_total")), (1, 0));
}

#[test]
fn observations_past_the_cap_add_up_and_are_counted_once() {
    let scope = testing::scope("queues");
    let _shown = scope.run(|| {
        WAITING.observe(|waiting| {
            for queue in 0..15 {
                waiting.observe(2, WAITING { queue: &queue.to_string() });
            }
        })
    });
    for _ in 0..3 {
        let snapshot = scope.snapshot().to_string();
        assert_eq!(snapshot.matches("acme_waiting{queue=").count(), 10, "{snapshot}");
        assert!(snapshot.contains("acme_waiting{otel_metric_overflow=\"true\"} 10\n"), "{snapshot}");
    }
    let overflow = scope.value(&OVERFLOW, OVERFLOW { metric: "acme_waiting" });
    assert_eq!(overflow, 5, "further collections add no overflow");
}

#[test]
fn a_dependency_without_a_name_is_not_the_emitter() {
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("caller").exporter("prometheus").without_listener().init().unwrap();
    CALLED.add(1, CALLED { service: "" });
    CALLED.add(2, CALLED { service: "caller" });
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("acme_called_total", &[("service", "unknown")]), Some(1.0));
    assert_eq!(samples.get("acme_called_total", &[("service", "caller")]), Some(2.0));
}

#[instrument_metrics(JOB { tenant })]
fn job(tenant: &str, succeeds: bool) -> Option<()> {
    succeeds.then_some(())
}

#[test]
fn the_statuses_of_a_call_overflow_together() {
    let scope = testing::scope("jobs");
    // Four series fit, and so would two of the next four.
    scope.run(|| {
        job("a", true);
        job("b", true);
        job("b", false);
    });
    scope.snapshot().assert_text(
        r#"
        acme_jobs_total{otel_metric_overflow="true"} 2
        acme_jobs_total{status="cancelled",tenant="a"} 0
        acme_jobs_total{status="error",tenant="a"} 0
        acme_jobs_total{status="ok",tenant="a"} 1
        acme_jobs_total{status="panic",tenant="a"} 0
        phoenix_otel_overflow_total{metric="acme_jobs_total"} 2
        "#,
    );
}

#[instrument_metrics(SYNC { tenant, source }, error_type = |_| "refused")]
fn sync(tenant: &str, source: Source) -> Result<(), ()> {
    if matches!(source, Source::Ftp) { Err(()) } else { Ok(()) }
}

/// A metric without the overflowing labels is unaffected.
#[test]
fn past_the_cap_of_a_call_set_enum_labels_keep_their_series() {
    let scope = testing::scope("syncs");
    scope.run(|| {
        for n in 0..1000 {
            let source = if n % 4 == 0 { Source::Ftp } else { Source::Web };
            let _ = sync(&format!("tenant {n}"), source);
        }
    });
    let overflow = |metric| scope.value(&OVERFLOW, OVERFLOW { metric });
    assert_eq!((scope.total(&SYNCS), overflow("acme_syncs_total")), (1000, 998));
    let durations = |source| scope.value(&SYNC_DURATION, SYNC_DURATION { source }).count;
    assert_eq!((durations(Source::Ftp), durations(Source::Web)), (250, 750));
    assert_eq!(overflow("acme_sync_duration_seconds"), 0);
    let failed = SYNC_ERRORS { source: Source::Ftp, error_type: "refused" };
    assert_eq!((scope.value(&SYNC_ERRORS, failed), overflow("acme_sync_errors_total")), (250, 0));
    assert_eq!(scope.value(&SYNCS_ACTIVE, ()), 0);
}

/// A cap on the number of values limits memory only if the length of each value is limited, too.
#[test]
fn a_label_value_is_truncated() {
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("long").exporter("prometheus").without_listener().init().unwrap();
    MESSAGES.add(1, MESSAGES { sender: "short" });
    let mut huge = "x".repeat(10 << 20);
    let first = allocations(|| MESSAGES.add(1, MESSAGES { sender: &huge }));
    assert!(first.bytes_max < 64 << 10, "{first:?}");
    // Equal up to the limit, so the same series.
    huge.replace_range(1024..1025, "y");
    let again = allocations(|| MESSAGES.add(1, MESSAGES { sender: &huge }));
    assert_eq!(again.count_total, 0, "{again:?}");
    huge.replace_range(1023..1024, "z");
    MESSAGES.add(1, MESSAGES { sender: &huge });
    // A character across the limit is dropped.
    let umlauts = format!("{}ü{huge}", "x".repeat(1023));
    MESSAGES.add(5, MESSAGES { sender: &umlauts });
    let _ = sync(&huge, Source::Web);
    let _queues = QUEUES.observe(move |observer| observer.observe(7.0, QUEUES { queue: &huge }));

    let samples = Samples::of(&telemetry);
    let sent = |sender: &str| samples.get("acme_messages_total", &[("sender", sender)]);
    assert_eq!(sent("short"), Some(1.0));
    assert_eq!(sent(&"x".repeat(1024)), Some(2.0));
    assert_eq!(sent(&("x".repeat(1023) + "z")), Some(1.0));
    assert_eq!(sent(&"x".repeat(1023)), Some(5.0));
    let cut = "x".repeat(1023) + "z";
    assert_eq!(samples.all("acme_syncs_total", &[("tenant", &cut)]).count(), 4);
    assert_eq!(samples.get("acme_queues", &[("queue", &cut)]), Some(7.0));
}
