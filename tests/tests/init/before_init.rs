//! Handles and calls from before `init` do nothing, then they are bound; and a call that is in flight while handles are bound.

use phoenix_otel::{Call, instrument_metrics, measure, metrics};
use phoenix_otel_tests::{Samples, block_on};

metrics! {
    /// Things that were counted.
    static COUNTED: Counter = "acme.counted" { unit: "{thing}" };
    /// A level.
    static LEVEL: Gauge = "acme.level" {};
    /// Jobs.
    static JOBS: Counter { status: phoenix_otel::Status } = "acme.jobs" { unit: "{job}" };
    /// Jobs in flight.
    static JOBS_ACTIVE: UpDownCounter = "acme.jobs.active" { unit: "{job}" };
    /// One job.
    static JOB: CallSet = { requests: JOBS, active: JOBS_ACTIVE };
}

#[instrument_metrics]
fn early() {}

#[test]
fn handles_from_before_init_work_after_it() {
    phoenix_otel_tests::isolated!();
    COUNTED.add(5, ());
    LEVEL.set(3.0, ());
    early();
    let in_flight = Call::start(JOB.bind(&()));
    let unpolled = measure(&JOB, (), async {});

    let telemetry = phoenix_otel::builder("early").exporter("prometheus").without_listener().init().unwrap();
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("acme_counted_total", &[]), Some(0.0), "what came before init is not counted");
    assert_eq!(samples.get("acme_level", &[]), None, "a gauge that was never set has no value");
    assert_eq!(samples.get("phoenix_early_requests_total", &[("method", "early"), ("status", "ok")]), Some(0.0));

    // The start of this call was not counted, so its end must not decrement the gauge.
    drop(in_flight);
    COUNTED.add(2, ());
    LEVEL.set(1.5, ());
    early();
    let second = Call::start(JOB.bind(&()));
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("acme_counted_total", &[]), Some(2.0));
    assert_eq!(samples.get("acme_level", &[]), Some(1.5));
    assert_eq!(samples.get("acme_jobs_active", &[]), Some(1.0));
    assert_eq!(samples.get("phoenix_early_requests_total", &[("method", "early"), ("status", "ok")]), Some(1.0));
    drop(second);
    assert_eq!(Samples::of(&telemetry).get("acme_jobs_active", &[]), Some(0.0));

    // The call of a future starts at the first poll, so a future created before `init` counts like any other.
    block_on(unpolled);
    assert_eq!(Samples::of(&telemetry).get("acme_jobs_total", &[("status", "ok")]), Some(1.0));
    block_on(measure(&JOB, (), async {}));
    assert_eq!(Samples::of(&telemetry).get("acme_jobs_total", &[("status", "ok")]), Some(2.0));
    assert_eq!(Samples::of(&telemetry).get("acme_jobs_total", &[("status", "cancelled")]), Some(1.0));
}
