//! Converts the exposition of our endpoint into the series that Prometheus stores.

use std::fmt::Write as _;

use crate::samples::changes_when_read;
use crate::{Samples, Series};

/// Returns the lines that [`Series::lines`] returns if Prometheus stores the text unchanged, without series that change with each reading.
///
/// # Panics
///
/// If the bound of a bucket is not a number.
pub fn as_ingested(samples: &Samples) -> String {
    let of_test = samples.iter().filter(|sample| sample.name != "target_info" && !changes_when_read(&sample.name));
    let series = of_test.map(|sample| {
        let mut labels = sample.labels.clone();
        // Prometheus formats bounds differently; the relabelling reverts that.
        if let Some(bound) = labels.get_mut("le") {
            let number: f64 = bound.parse().expect("a bound is a number");
            *bound = if number.is_infinite() { "+Inf".to_owned() } else { number.to_string() };
        }
        labels.insert("__name__".to_owned(), sample.name.clone());
        (labels, sample.value)
    });
    Series::from_iter(series).lines()
}

/// Returns the lines that only one of the two has.
pub fn difference(left: (&str, &str), right: (&str, &str)) -> String {
    let mut difference = String::new();
    for (name, own, other) in [(left.0, left.1, right.1), (right.0, right.1, left.1)] {
        for line in own.lines().filter(|line| !other.lines().any(|o| o == *line)).take(40) {
            let _ = writeln!(difference, "only {name}: {line}");
        }
    }
    difference
}
