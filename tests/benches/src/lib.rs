//! Compares contenders: they take turns, round after round, in one process.
//!
//! The speed of a machine changes over time. So the contenders run interleaved, and the results are the median over the rounds and its ratio to
//! the baseline.

use std::sync::Barrier;
use std::time::Instant;

/// A contender: runs its work a given number of times.
pub struct Contender {
    /// The name in the table.
    pub name: &'static str,
    /// Runs the work this many times.
    pub run: fn(u32),
}

/// Runs the contenders on `threads` threads and prints a table. The first contender is the baseline.
///
/// An argument of the program selects the contenders whose name contains it, for a profiler.
pub fn compare(title: &str, contenders: &[Contender], threads: usize, rounds: usize, iterations: u32) {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let contenders: Vec<_> = contenders
        .iter()
        .filter(|contender| wanted.is_empty() || wanted.iter().any(|wanted| contender.name.contains(wanted)))
        .collect();
    let mut nanos = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..=rounds {
        for (contender, nanos) in contenders.iter().zip(&mut nanos) {
            let taken = time(contender, threads, iterations);
            // The first round is a warm-up.
            if round > 0 {
                nanos.push(taken);
            }
        }
    }
    println!("\n{title}, {threads} thread(s): ns per operation, median of {rounds} rounds of {iterations}");
    let baseline = median(&mut nanos[0]);
    for (contender, nanos) in contenders.iter().zip(&mut nanos) {
        let median = median(nanos);
        println!("  {:<44} {median:>12.1}  min {:>12.1}  ratio {:>6.2}", contender.name, nanos[0], median / baseline);
    }
}

/// Returns the nanoseconds per operation of one thread.
fn time(contender: &Contender, threads: usize, iterations: u32) -> f64 {
    let barrier = Barrier::new(threads);
    let taken = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let start = Instant::now();
                    (contender.run)(iterations);
                    start.elapsed()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("the work does not panic")).max()
    });
    taken.expect("at least one thread").as_nanos() as f64 / f64::from(iterations)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
