//! The memory that a scope leaves after its end: bound handles, but none of the SDK's tables.

use allocation_counter::measure as allocations;
use phoenix_otel::testing;
use phoenix_otel::{Status, measure, metrics};
use phoenix_otel_tests::block_on;

use super::shared::{counts, counts_at_once};

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

/// A service under test: a few functions, a call set, and each kind of metric.
fn work() {
    counts_at_once("thread", 10);
    block_on(async {
        counts("task", 10).await;
        let _: Result<(), std::io::Error> = measure(&JOB, JOB { tenant: "acme" }, async { Ok(()) }).await;
    });
    for n in 0..100 {
        SIZE.record(f64::from(n), SIZE { tenant: "acme" });
        LATENCY.record(f64::from(n), LATENCY { tenant: "acme" });
        LEVEL.set(f64::from(n), LEVEL { tenant: "acme" });
    }
}

const ROUNDS: u32 = 100;

/// The allocator counts the allocations of one thread, and a scope belongs to one thread.
#[test]
fn a_scope_leaves_little() {
    phoenix_otel_tests::isolated!();
    let round = || {
        let scope = testing::scope("memory");
        scope.run(work);
        assert_eq!(scope.function("testing_counts").ok, 1);
    };
    // After these, everything that a process has once exists.
    (0..3).for_each(|_| round());
    let left = allocations(|| (0..ROUNDS).for_each(|_| round())).bytes_current / i64::from(ROUNDS);
    assert!((1..50_000).contains(&left), "{left} bytes stay of each scope");
}
