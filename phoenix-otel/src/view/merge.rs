//! Observations of one collection, merged where they differ in dropped attributes alone.
//!
//! The SDK keeps the last of several observations of one series. Of what a view merges, that would be one part of a sum.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use opentelemetry::KeyValue;

/// A number that can be added up.
pub trait Plus: Copy {
    /// The sum of both.
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

/// A value for each attribute set, in the order in which the sets were seen first.
#[derive(Debug)]
pub(crate) struct Observed<N> {
    values: Vec<(Vec<KeyValue>, N)>,
    places: HashMap<Vec<KeyValue>, usize>,
}

impl<N> Default for Observed<N> {
    fn default() -> Self {
        Self { values: Vec::new(), places: HashMap::new() }
    }
}

impl<N: Plus> Observed<N> {
    /// Takes a value. Of one attribute set the last one stays, as for the SDK.
    pub(crate) fn set(&mut self, attributes: Vec<KeyValue>, value: N) {
        self.put(attributes, value, |_, last| last);
    }

    fn put(&mut self, mut attributes: Vec<KeyValue>, value: N, merge: fn(N, N) -> N) {
        attributes.sort_by(|a, b| a.key.cmp(&b.key));
        match self.places.entry(attributes) {
            Entry::Occupied(place) => {
                let kept = &mut self.values[*place.get()].1;
                *kept = merge(*kept, value);
            }
            Entry::Vacant(place) => {
                self.values.push((place.key().clone(), value));
                place.insert(self.values.len() - 1);
            }
        }
    }

    /// The values by the attributes that are kept: added up, or the last one of each.
    pub(crate) fn merged(&self, keeps: impl Fn(&str) -> bool, adds_up: bool) -> Vec<(Vec<KeyValue>, N)> {
        let mut merged = Self::default();
        for (attributes, value) in &self.values {
            let kept = attributes.iter().filter(|attribute| keeps(attribute.key.as_str())).cloned().collect();
            merged.put(kept, *value, if adds_up { N::plus } else { |_, last| last });
        }
        merged.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(hall: &'static str, tenant: &'static str) -> Vec<KeyValue> {
        vec![KeyValue::new("tenant", tenant), KeyValue::new("hall", hall)]
    }

    #[test]
    fn what_differs_in_dropped_attributes_is_merged() {
        let mut observed = Observed::default();
        // The same series twice: not two parts of a sum.
        for (hall, tenant, value) in [("north", "a", 1u64), ("north", "a", 2), ("north", "b", 3), ("south", "a", 4)] {
            observed.set(attributes(hall, tenant), value);
        }
        let hall = |hall| vec![KeyValue::new("hall", hall)];
        assert_eq!(observed.merged(|key| key == "hall", true), [(hall("north"), 5), (hall("south"), 4)]);
        assert_eq!(observed.merged(|key| key == "hall", false), [(hall("north"), 3), (hall("south"), 4)]);
        assert_eq!(observed.merged(|_| false, true), [(vec![], 9)]);
        assert_eq!(observed.merged(|_| true, true).len(), 3);
    }
}
