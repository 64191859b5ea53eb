//! The duration of the first record of a new label set, while 100,000 series are collected without a pause.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};
use phoenix_otel::{View, metrics};

/// Existing series, half of them of each contender.
const SERIES: usize = 100_000;
/// New label sets of each contender.
const NEW: usize = 3000;

metrics! {
    /// The measured counters.
    static OURS: Counter { series: &str } = "bench.ours" { unit: "{thing}", cap: 60_000 };
}

fn ours(series: &str) {
    OURS.add(1, OURS { series });
}

fn theirs(counter: &Counter<u64>, series: &str) {
    counter.add(1, &[KeyValue::new("series", series.to_owned())]);
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// Prints the results. Most records meet no collection; about as many as there are collections have to wait.
fn report(name: &str, mut taken: Vec<Duration>, collections: usize) {
    taken.sort();
    let at = |place: usize| taken[place.min(taken.len() - 1)];
    let (median, waited, slowest) = (at(taken.len() / 2), at(taken.len() - collections / 2), at(taken.len()));
    println!(
        "  {name:<32} median {median:>9.1?}  median of the slowest {collections} {waited:>9.1?}  slowest {slowest:>9.1?}"
    );
}

fn main() {
    let telemetry = phoenix_otel::builder("bench")
        .exporter("prometheus")
        .without_listener()
        .view(View::select("bench.theirs").cap(60_000))
        .init()
        .expect("a valid configuration");
    let counter = global::meter("bench").u64_counter("bench.theirs").build();
    for n in 0..SERIES / 2 {
        let series = n.to_string();
        ours(&series);
        theirs(&counter, &series);
    }
    for collects in [true, false] {
        let ended = AtomicBool::new(false);
        let (mut of_ours, mut of_theirs, mut collections) = (Vec::new(), Vec::new(), 0);
        std::thread::scope(|scope| {
            let (ended, telemetry) = (&ended, &telemetry);
            let collector = scope.spawn(move || {
                let mut collections = 0;
                while collects && !ended.load(Ordering::Relaxed) {
                    telemetry.exposition().expect("the exporter is there");
                    collections += 1;
                }
                collections
            });
            for n in 0..NEW {
                let series = format!("new {collects} {n}");
                // With pauses, so that each meets another phase of a collection.
                of_ours.push(time(|| ours(&series)));
                std::thread::sleep(Duration::from_micros(300));
                of_theirs.push(time(|| theirs(&counter, &series)));
                std::thread::sleep(Duration::from_micros(300));
            }
            ended.store(true, Ordering::Relaxed);
            collections = collector.join().expect("collecting does not panic");
        });
        println!("\nFirst record of a new label set, {SERIES} series, during {collections} collections");
        report("phoenix-otel, a counter", of_ours, collections);
        report("an instrument of another library", of_theirs, collections);
    }
    drop(telemetry);
}
