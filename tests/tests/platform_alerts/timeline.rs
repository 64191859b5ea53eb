//! Recorded samples with the times that they should have: a scrape every 15 seconds, as Prometheus is configured.
//!
//! Names, labels, types and counts are those that were recorded. Set are the times: when a scrape took place, what a gauge of a time says,
//! and how long each request took, since the recorded duration says more of the machine than of the scenario.

use std::collections::BTreeMap;

use phoenix_otel_tests::{Labels, Sample};

use crate::recording::{Exposition, Point};

/// How many seconds lie between two scrapes.
pub(crate) const STEP: usize = 15;

/// How many seconds requests take, by the service and the labels that they are counted by: those of a series take these times in turn.
pub(crate) type Took = fn(&str, &Labels) -> &'static [f64];

/// Series that have an entry for each step, the first of which is at 0 seconds.
#[derive(Default)]
pub(crate) struct Timeline {
    steps: usize,
    series: BTreeMap<Labels, Vec<At>>,
}

/// What a scrape found of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum At {
    Value(f64),
    /// It was there at the scrape before, and is not any more.
    Stale,
    Nothing,
}

/// What a scrape changes in a series.
enum Change {
    /// It counts so much more.
    Add(f64),
    /// It is at this level.
    Set(f64),
    /// It tells the time.
    Now,
}

impl Timeline {
    /// Goes on for so many steps, and in each happens what happened between the two points.
    pub(crate) fn repeat(&mut self, steps: usize, from: &Point, to: &Point, took: Took) {
        let mut changes = Vec::new();
        for (service, found) in to {
            let before = from.get(service).and_then(Option::as_ref);
            let up = Labels::from([("__name__".into(), "up".into()), ("service".into(), (*service).into())]);
            changes.push((scraped(up, service), Change::Set(f64::from(u8::from(found.is_some())))));
            if let Some(found) = found {
                changes.extend(
                    found
                        .samples
                        .iter()
                        .map(|sample| (key(sample, service), change(service, sample, before, found, took))),
                );
            }
        }
        for _ in 0..steps {
            self.step(&changes);
        }
    }

    /// The time of the last scrape, in seconds.
    pub(crate) fn end(&self) -> usize {
        self.steps.saturating_sub(1) * STEP
    }

    /// All series, each with an entry for each step.
    pub(crate) fn series(&self) -> impl Iterator<Item = (&Labels, &[At])> {
        self.series.iter().map(|(labels, values)| (labels, values.as_slice()))
    }

    fn step(&mut self, changes: &[(Labels, Change)]) {
        for (labels, change) in changes {
            if !self.series.contains_key(labels) {
                self.series.insert(labels.clone(), vec![At::Nothing; self.steps]);
            }
            let values = self.series.get_mut(labels).expect("it was put in");
            let before = match values.last() {
                Some(At::Value(before)) => *before,
                // A process begins to count at 0.
                _ => 0.0,
            };
            values.push(At::Value(match change {
                Change::Add(more) => before + more,
                Change::Set(level) => *level,
                Change::Now => (self.steps * STEP) as f64,
            }));
        }
        self.steps += 1;
        for values in self.series.values_mut().filter(|values| values.len() < self.steps) {
            values.push(if matches!(values.last(), Some(At::Value(_))) { At::Stale } else { At::Nothing });
        }
    }
}

fn change(service: &str, sample: &Sample, before: Option<&Exposition>, found: &Exposition, took: Took) -> Change {
    let more = |sample: &Sample| {
        let more = sample.value - before.and_then(|before| before.value_of(sample)).unwrap_or(0.0);
        assert!(more >= 0.0, "{service}: {sample:?} went back by {more} though its process went on");
        more
    };
    match found.family(&sample.name) {
        (family, "gauge") if family.ends_with("_timestamp_seconds") => Change::Now,
        (_, "gauge") => Change::Set(sample.value),
        (family, "histogram") if family.ends_with("_seconds") => {
            let bound = sample.labels.get("le").map(|le| le.parse().expect("a bound is a number"));
            let took = took(service, &sample.labels);
            let times = took.iter().cycle().take(more(&found.all_values(sample)) as usize);
            Change::Add(match bound {
                Some(bound) => times.filter(|seconds| **seconds <= bound).count() as f64,
                None if sample.name.ends_with("_sum") => times.sum(),
                None => times.count() as f64,
            })
        }
        _ => Change::Add(more(sample)),
    }
}

/// A sample's labels as Prometheus has them after the scrape.
fn key(sample: &Sample, service: &str) -> Labels {
    let mut labels = sample.labels.clone();
    labels.insert("__name__".to_owned(), sample.name.clone());
    scraped(labels, service)
}

/// With the labels of the target.
fn scraped(mut labels: Labels, service: &str) -> Labels {
    labels.insert("job".to_owned(), "phoenix-services".to_owned());
    labels.insert("instance".to_owned(), format!("{service}:8080"));
    labels
}
