//! The memory that a scope or a further `init` keeps after its end: the series that were used, but none of the SDK's tables.
//!
//! This is a program of its own, because its allocator counts the bytes of all threads: parts of a telemetry are created and dropped on other
//! threads.

use std::alloc::System;

use phoenix_otel::platform::Platform;
use phoenix_otel::platform::kb::SIMILARITY_SCORE;
use phoenix_otel::testing::{self, FakeExporter};
use phoenix_otel::{Status, instrument_metrics, measure, metrics};
use phoenix_otel_tests::block_on;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

metrics! {
    /// Sizes.
    static SIZE: Histogram { tenant: &str } = "memory.size" { unit: "By", bounds: [1.0, 10.0, 100.0] };
    /// Latencies.
    static LATENCY: Summary { tenant: &str } = "memory.latency" { unit: "s" };
    /// A level.
    static LEVEL: Gauge { tenant: &str } = "memory.level" {};
    /// Jobs.
    static JOBS: Counter { tenant: &str, status: Status } = "memory.jobs" { unit: "{job}" };
    /// Time for a job.
    static JOB_DURATION: Histogram { tenant: &str } = "memory.job.duration" { unit: "s", bounds: [1.0] };
    /// One job.
    static JOB: CallSet { tenant: &str } = { requests: JOBS, duration: JOB_DURATION };
}

#[instrument_metrics(name = "memory_work")]
fn work() {
    let _: Result<(), std::io::Error> = block_on(measure(&JOB, JOB { tenant: "acme" }, async { Ok(()) }));
    for n in 0..100 {
        SIZE.record(f64::from(n), SIZE { tenant: "acme" });
        LATENCY.record(f64::from(n), LATENCY { tenant: "acme" });
        LEVEL.set(f64::from(n), LEVEL { tenant: "acme" });
    }
    SIMILARITY_SCORE.record(0.5, ());
}

/// A test with a scope.
fn scope() {
    let scope = testing::scope("memory");
    scope.run(work);
    assert_eq!(scope.function("memory_work").ok, 1);
}

/// A test with an `init`, with the metrics of the platform: 160 instruments with more than a thousand series at 0.
fn init() {
    let exporter = FakeExporter::default();
    let builder = phoenix_otel::builder("memory").with(Platform::new()).without_exporter().without_subscriber();
    let telemetry = builder.push_exporter("fake", exporter.clone()).init().unwrap();
    work();
    telemetry.shutdown().into_result().unwrap();
    assert_eq!(exporter.last().function("memory_work").ok, 1);
}

/// The bytes that are in use. The latest `init` keeps its tables until the next one.
fn in_use() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

const ROUNDS: usize = 50;

fn keeps_less_than_50_kilobytes(round: fn()) {
    // After these, everything that a process has once exists.
    (0..10).for_each(|_| round());
    let before = in_use();
    (0..ROUNDS).for_each(|_| round());
    let kept = in_use().saturating_sub(before) / ROUNDS;
    assert!((1..50_000).contains(&kept), "each round keeps {kept} bytes");
}

#[test]
fn a_scope_keeps_little() {
    phoenix_otel_tests::isolated!();
    keeps_less_than_50_kilobytes(scope);
}

#[test]
fn a_further_init_keeps_little() {
    phoenix_otel_tests::isolated!();
    keeps_less_than_50_kilobytes(init);
}
