//! Merges observations of one collection that differ only in dropped attributes.
//!
//! The SDK keeps the last of several observations of one series. For merged series that would be only one part of the sum.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use opentelemetry::KeyValue;

use crate::sort;

/// The attribute of the overflow series in the OpenTelemetry specification.
const OVERFLOW_ATTRIBUTE: &str = "otel.metric.overflow";

/// The attributes of the overflow series.
pub(crate) fn overflow_attributes() -> [KeyValue; 1] {
    [KeyValue::new(OVERFLOW_ATTRIBUTE, true)]
}

/// A number that can be added up.
pub trait Plus: Copy {
    /// Adds two numbers without overflow.
    fn plus(self, other: Self) -> Self;
}

impl Plus for u64 {
    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl Plus for i64 {
    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl Plus for f64 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

/// The values of one stream in one collection: one for each set of kept attributes, up to the cap.
#[derive(Debug)]
pub(crate) struct Merged<N> {
    /// In the order of the first observation.
    values: Vec<(Vec<KeyValue>, N)>,
    places: HashMap<Vec<KeyValue>, usize>,
    cap: usize,
    /// Merges two values of one attribute set.
    merge: fn(N, N) -> N,
    /// The merged value above the cap, and the number of observations in it.
    overflow: Option<(N, usize)>,
    of_overflow: fn(N, N) -> N,
}

impl<N: Plus> Merged<N> {
    /// Creates an empty value. If attributes are dropped, and above the cap, sums are added up and gauges keep the last value.
    ///
    /// If all attributes are kept, the last of several values of one set is used, as in the SDK: a callback should observe each set once.
    pub(crate) fn new(adds_up: bool, keeps_all: bool, cap: usize) -> Self {
        let last: fn(N, N) -> N = |_, last| last;
        let of_overflow = if adds_up { N::plus } else { last };
        let merge = if keeps_all { last } else { of_overflow };
        Self { values: Vec::new(), places: HashMap::new(), cap, merge, overflow: None, of_overflow }
    }

    /// Adds the value of a set of kept attributes.
    pub(crate) fn put(&mut self, mut kept: Vec<KeyValue>, value: N) {
        sort::by(&mut kept, |a, b| a.key.cmp(&b.key));
        let is_full = self.values.len() >= self.cap;
        match self.places.entry(kept) {
            Entry::Occupied(place) => {
                let before = &mut self.values[*place.get()].1;
                *before = (self.merge)(*before, value);
            }
            Entry::Vacant(_) if is_full => {
                let (before, values) = self.overflow.unwrap_or((value, 0));
                let sum = if values == 0 { value } else { (self.of_overflow)(before, value) };
                self.overflow = Some((sum, values + 1));
            }
            Entry::Vacant(place) => {
                self.values.push((place.key().clone(), value));
                place.insert(self.values.len() - 1);
            }
        }
    }

    /// The values with their kept attributes.
    pub(crate) fn values(&self) -> &[(Vec<KeyValue>, N)] {
        &self.values
    }

    /// The merged value above the cap, and the number of observations in it.
    pub(crate) fn overflow(&self) -> Option<(N, usize)> {
        self.overflow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halls(merged: &Merged<u64>) -> Vec<(String, u64)> {
        merged.values().iter().map(|(attributes, value)| (attributes[0].value.to_string(), *value)).collect()
    }

    fn put(merged: &mut Merged<u64>, values: &[(&'static str, u64)]) {
        for (hall, value) in values {
            merged.put(vec![KeyValue::new("hall", *hall)], *value);
        }
    }

    #[test]
    fn what_differs_in_dropped_attributes_is_merged() {
        let values = [("north", 2), ("north", 3), ("south", 4), ("east", 5), ("west", 7)];
        for (adds_up, keeps_all, north, overflow) in [(true, false, 5, 12), (false, false, 3, 7), (true, true, 3, 12)] {
            let mut merged = Merged::new(adds_up, keeps_all, 2);
            put(&mut merged, &values);
            assert_eq!(halls(&merged), [("north".to_owned(), north), ("south".to_owned(), 4)]);
            assert_eq!(merged.overflow(), Some((overflow, 2)));
        }
    }

    #[test]
    fn the_order_of_attributes_does_not_matter() {
        let mut merged = Merged::new(true, false, 9);
        let [a, b] = [KeyValue::new("a", "1"), KeyValue::new("b", "2")];
        merged.put(vec![a.clone(), b.clone()], 1u64);
        merged.put(vec![b, a], 2);
        assert_eq!((merged.values().len(), merged.values()[0].1), (1, 3));
        assert_eq!(merged.overflow(), None);
    }
}
