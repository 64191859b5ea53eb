//! `init` while eight threads record: nothing is lost after it, and nothing is counted twice.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use phoenix_otel::{instrument_metrics, metrics};
use phoenix_otel_tests::Samples;

metrics! {
    /// Things that were counted, by the thread.
    static COUNTED: Counter { thread: &str } = "race.counted" { unit: "{thing}" };
}

#[instrument_metrics(name = "called")]
fn called() -> Option<()> {
    Some(())
}

#[test]
fn init_may_race_with_recording() {
    phoenix_otel_tests::isolated!();
    static BOUND: AtomicBool = AtomicBool::new(false);
    static STOP: AtomicBool = AtomicBool::new(false);
    static ALL: AtomicU64 = AtomicU64::new(0);
    static AFTER: AtomicU64 = AtomicU64::new(0);

    let threads: Vec<_> = (0..8)
        .map(|thread| {
            std::thread::spawn(move || {
                let name = format!("thread {thread}");
                while !STOP.load(Ordering::Acquire) {
                    let after = BOUND.load(Ordering::Acquire);
                    COUNTED.add(1, COUNTED { thread: &name });
                    called();
                    ALL.fetch_add(1, Ordering::Relaxed);
                    AFTER.fetch_add(u64::from(after), Ordering::Relaxed);
                }
            })
        })
        .collect();
    while ALL.load(Ordering::Relaxed) < 1000 {
        std::hint::spin_loop();
    }
    let telemetry = phoenix_otel::builder("race").exporter("prometheus").without_listener().init().unwrap();
    BOUND.store(true, Ordering::Release);
    while AFTER.load(Ordering::Relaxed) < 10_000 {
        std::hint::spin_loop();
    }
    STOP.store(true, Ordering::Release);
    for thread in threads {
        thread.join().unwrap();
    }

    let (all, after) = (ALL.load(Ordering::Relaxed) as f64, AFTER.load(Ordering::Relaxed) as f64);
    let samples = Samples::of(&telemetry);
    let counted = samples.sum("race_counted_total", &[]);
    assert!((after..=all).contains(&counted), "{counted} is not between {after} and {all}");
    let calls = samples.sum("phoenix_race_requests_total", &[("method", "called")]);
    assert!((after..=all).contains(&calls), "{calls} is not between {after} and {all}");
    assert_eq!(samples.get("phoenix_race_request_duration_seconds_count", &[("method", "called")]), Some(calls));
    assert_eq!(samples.get("phoenix_race_requests_active", &[("method", "called")]), Some(0.0));
}
