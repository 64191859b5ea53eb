//! A side-by-side comparison: every contender in turn, round after round, in one process.
//!
//! Machines drift. So what is compared runs interleaved, and what is told is the median over the rounds and its ratio to the
//! baseline's, never a time on its own.

use std::sync::Barrier;
use std::time::Instant;

/// Something that is measured: runs the work as often as it is told.
pub struct Contender {
    /// What the table calls it.
    pub name: &'static str,
    /// Runs the work this many times.
    pub run: fn(u32),
}

/// Runs the contenders on `threads` threads and prints a table. The first is the baseline.
///
/// An argument of the program selects those whose name contains it: for a profiler.
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
            // The first round warms up.
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

/// Nanoseconds per operation, as a thread sees them.
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
