//! The jobs of the executor. They have no limits of their own; the sandbox sets them.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::time::Duration;

use crate::words::words;

/// The names of all jobs.
pub(crate) const JOBS: [&str; 5] = ["primes", "collatz", "table", "sleep", "words"];

/// Runs a job and prints its result.
pub(crate) fn run(name: &str, argument: &str) -> Result<(), Box<dyn Error>> {
    match name {
        "primes" => println!("{}", primes_below(argument.parse()?)),
        "collatz" => println!("{}", longest_collatz_below(argument.parse()?)),
        "table" => table(argument.parse()?)?,
        "sleep" => std::thread::sleep(Duration::from_millis(argument.parse()?)),
        "words" => println!("{}", words(argument).count()),
        _ => return Err(format!("unknown job {name:?}").into()),
    }
    Ok(())
}

/// The number of primes below a number, by the sieve of Eratosthenes. It takes a byte per number.
fn primes_below(end: usize) -> usize {
    let mut prime = vec![true; end];
    prime.iter_mut().take(2).for_each(|no| *no = false);
    let mut number = 2;
    while number * number < end {
        if prime[number] {
            (number * number..end).step_by(number).for_each(|multiple| prime[multiple] = false);
        }
        number += 1;
    }
    prime.into_iter().filter(|is| *is).count()
}

/// The start below a limit with the longest Collatz sequence (halve an even number, triple an odd one and add one).
fn longest_collatz_below(end: u64) -> u64 {
    let steps = |start: u64| {
        let next = |n: &u64| (*n > 1).then(|| if n.is_multiple_of(2) { n / 2 } else { 3 * n + 1 });
        std::iter::successors(Some(start), next).count()
    };
    (1..end).max_by_key(|start| (steps(*start), std::cmp::Reverse(*start))).unwrap_or(0)
}

/// Writes a number of rows of squares to a file in the working directory.
fn table(rows: u64) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(File::create("table.csv")?);
    for row in 0..rows {
        writeln!(file, "{row},{}", row.wrapping_mul(row))?;
    }
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_know_their_mathematics() {
        assert_eq!(primes_below(100), 25);
        assert_eq!(primes_below(0), 0);
        assert_eq!(longest_collatz_below(10), 9);
        assert_eq!(longest_collatz_below(100), 97);
    }
}
