use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use proptest::prelude::*;

use super::ring::{MAX_BUCKETS, PARTS};
use super::window::{PartClock, Reading, STRIPES, Window};
use crate::catalog::def::QUANTILES;

const MINUTE: Duration = Duration::from_secs(60);

fn window() -> (Window, Arc<quanta::Mock>) {
    let (clock, mock) = quanta::Clock::mock();
    (Window::new(Arc::new(PartClock::new(clock))), mock)
}

fn median(window: &Window) -> Option<f64> {
    window.read().quantiles.map(|quantiles| quantiles[0])
}

/// The observation of each quantile's rank.
fn exact(values: &[f64]) -> [f64; QUANTILES.len()] {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    QUANTILES.map(|(quantile, _)| values[(quantile * (values.len() - 1) as f64) as usize])
}

#[track_caller]
fn assert_exact(values: &[f64]) {
    let (window, clock) = window();
    for (at, value) in values.iter().enumerate() {
        // Over several parts of the window, so that sketches are merged.
        if at % values.len().div_ceil(5) == 0 {
            clock.increment(MINUTE);
        }
        window.record(*value);
    }
    let read = window.read();
    for ((quantile, exact), ours) in QUANTILES.iter().zip(exact(values)).zip(read.quantiles.unwrap()) {
        // A hair more, for what rounding adds.
        assert!((ours - exact).abs() <= 0.010_000_1 * exact.abs(), "{quantile:?}: {ours} instead of {exact}");
    }
    assert_eq!(read.count, values.len() as u64);
    let sum: f64 = values.iter().sum();
    assert!((read.sum - sum).abs() <= 1e-9 * sum.abs(), "{} instead of {sum}", read.sum);
}

#[test]
fn quantiles_are_exact_to_one_percent() {
    // Evenly spread ranks, without the luck of a generator.
    let ranks = || (0..10_000u32).map(|n| f64::from(n.wrapping_mul(7919) % 10_000) / 10_000.0);
    let skewed: Vec<f64> = ranks().map(|rank| 0.002 * (1.0 - rank).powf(-1.5)).collect();
    let bimodal: Vec<f64> = ranks().map(|rank| if rank < 0.92 { 0.001 + rank / 1e4 } else { 3.0 + rank }).collect();
    assert_exact(&skewed);
    assert_exact(&bimodal);
    assert_exact(&[0.25; 1000]);
    assert_exact(&[7.0]);
    assert_exact(&[1.0, 2.0]);
    assert_exact(&[1e-6, 1.0, 1e6]);
    assert_exact(&[-5.0, -1.0, 0.0, 0.5, 3.0]);
    assert_exact(&ranks().collect::<Vec<_>>());
}

#[test]
fn one_value_is_told_as_it_is() {
    let (window, _) = window();
    window.record(0.3);
    assert_eq!(window.read(), Reading { quantiles: Some([0.3; 4]), sum: 0.3, count: 1 });
}

#[test]
fn nothing_has_no_quantile() {
    let (window, _) = window();
    assert_eq!(window.read(), Reading { quantiles: None, sum: 0.0, count: 0 });
}

#[test]
fn an_observation_leaves_the_window_after_ten_minutes() {
    for read_between in [false, true] {
        let (window, clock) = window();
        window.record(1.0);
        for _ in 0..9 {
            clock.increment(MINUTE);
            if read_between {
                assert_eq!(median(&window), Some(1.0));
            }
        }
        clock.increment(MINUTE - Duration::from_nanos(1));
        assert_eq!(median(&window), Some(1.0));
        clock.increment(Duration::from_nanos(1));
        assert_eq!(window.read(), Reading { quantiles: None, sum: 1.0, count: 1 });
    }
}

#[test]
fn the_window_moves_by_minutes() {
    let (window, clock) = window();
    for minute in 0..30u32 {
        window.record(f64::from(minute));
        clock.increment(MINUTE);
    }
    // It is minute 30: the window has 21 to 29. The rank of the median of nine is the fourth from 0.
    assert_eq!(window.read().count, 30);
    assert!((median(&window).unwrap() - 25.0).abs() <= 0.25);
    clock.increment(4 * MINUTE);
    assert!((median(&window).unwrap() - 27.0).abs() <= 0.27);
}

#[test]
fn observations_belong_to_their_own_time_though_nobody_reads() {
    let (window, clock) = window();
    for hour in 0..5 {
        for _ in 0..1000 {
            window.record(f64::from(hour) + 1.0);
        }
        clock.increment(60 * MINUTE);
    }
    assert_eq!(window.read(), Reading { quantiles: None, sum: 15_000.0, count: 5000 });
    window.record(9.0);
    assert_eq!(median(&window), Some(9.0));
    // What another thread observed has the same window.
    clock.increment(9 * MINUTE);
    std::thread::scope(|scope| scope.spawn(|| window.record(1.0)).join().unwrap());
    assert_eq!(median(&window).map(f64::round), Some(1.0));
    clock.increment(MINUTE);
    assert_eq!(window.read().quantiles, Some([1.0; 4]));
}

#[test]
fn time_that_stands_still_or_goes_back_loses_nothing() {
    let (window, clock) = window();
    clock.increment(20 * MINUTE);
    window.record(1.0);
    clock.decrement(15 * MINUTE);
    window.record(3.0);
    window.record(2.0);
    assert_eq!((window.read().count, median(&window).map(f64::round)), (3, Some(2.0)));
}

#[test]
fn memory_is_bounded() {
    let (window, clock) = window();
    for minute in 0..30u32 {
        std::thread::scope(|scope| {
            for _ in 0..STRIPES + 1 {
                scope.spawn(|| {
                    for exponent in (-300..300).step_by(5) {
                        window.record(10f64.powi(exponent));
                        window.record(-(10f64.powi(exponent)));
                    }
                });
            }
        });
        clock.increment(MINUTE);
        let rings = if minute < 15 { STRIPES } else { STRIPES + 1 };
        let (buckets, sketches) = window.size();
        assert!(sketches <= rings * PARTS as usize, "{sketches} sketches");
        assert!(buckets <= sketches * 2 * MAX_BUCKETS as usize, "{buckets} buckets");
        if minute >= 15 {
            assert!(window.read().quantiles.is_some());
            assert!(window.size().1 <= PARTS as usize, "what was read is there once");
        }
    }
}

#[test]
fn ten_minutes_of_latencies_take_forty_kibibytes() {
    let (window, clock) = window();
    for _ in 0..PARTS {
        clock.increment(MINUTE);
        (0..=400).for_each(|n| window.record(10f64.powf(f64::from(n) / 100.0 - 3.0)));
        window.read();
    }
    let (buckets, sketches) = window.size();
    assert_eq!((buckets * size_of::<u64>(), sketches), (40 << 10, PARTS as usize), "from 1 ms to 10 s");
}

#[test]
fn nothing_is_lost_while_many_record_and_many_read() {
    const THREADS: u32 = 6;
    const EACH: u32 = 20_000;
    let (window, clock) = window();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = window.read();
                    while !done.load(Ordering::Relaxed) {
                        let read = window.read();
                        assert!(read.count >= last.count, "the count never falls");
                        // Every observation is 2.
                        assert_eq!(read.sum, 2.0 * read.count as f64, "sum and count are of the same observations");
                        assert!(read.quantiles.is_none_or(|quantiles| quantiles == [2.0; 4]), "{read:?}");
                        last = read;
                    }
                })
            })
            .collect();
        let recorders: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (window, clock) = (&window, &clock);
                scope.spawn(move || {
                    for n in 0..EACH {
                        // The parts of the window change meanwhile.
                        if thread == 0 && n % 100 == 0 {
                            clock.increment(MINUTE / 2);
                        }
                        window.record(2.0);
                    }
                })
            })
            .collect();
        recorders.into_iter().for_each(|recorder| recorder.join().unwrap());
        done.store(true, Ordering::Relaxed);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
    let read = window.read();
    assert_eq!((read.count, read.sum), (u64::from(THREADS * EACH), f64::from(2 * THREADS * EACH)));
}

proptest! {
    #[test]
    fn whatever_is_recorded_quantiles_lie_between_what_was_observed(
        values in prop::collection::vec((any::<f64>(), 0u64..200), 1..200),
    ) {
        let (window, clock) = window();
        let mut recorded = Vec::new();
        for (value, seconds) in values {
            if value.is_finite() {
                window.record(value);
                recorded.push(value);
            }
            if seconds % 7 == 0 {
                window.read();
            }
            clock.increment(Duration::from_secs(seconds));
        }
        let read = window.read();
        prop_assert_eq!(read.count, recorded.len() as u64);
        if let Some(quantiles) = read.quantiles {
            let least = recorded.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = recorded.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(quantiles.is_sorted());
            prop_assert!(quantiles.iter().all(|value| (least..=greatest).contains(value)), "{:?}", quantiles);
        }
    }
}
