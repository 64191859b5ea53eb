//! Recorded samples with chosen timestamps: a scrape every 15 seconds, as Prometheus is configured.
//!
//! Names, labels, types and counts are the recorded ones. The test sets the time of each scrape, the value of gauges of a time,
//! and the duration of each request, since recorded durations depend more on the machine than on the scenario.

use std::collections::BTreeMap;

use phoenix_otel_tests::{Labels, Sample};

use crate::recording::{Exposition, Point};

/// Seconds between two scrapes.
pub(crate) const STEP: usize = 15;

/// The durations of requests in seconds, by the service and the labels of their series. A series takes these durations in turn.
pub(crate) type Took = fn(&str, &Labels) -> &'static [f64];

/// Series with an entry for each step. The first step is at 0 seconds.
#[derive(Default)]
pub(crate) struct Timeline {
    steps: usize,
    series: BTreeMap<Labels, Vec<At>>,
}

/// The entry of a series for a scrape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum At {
    Value(f64),
    /// It was there in the previous scrape, and is gone.
    Stale,
    Nothing,
}

/// The change of a series by a scrape.
enum Change {
    /// A counter increases.
    Add(f64),
    /// A gauge has this value.
    Set(f64),
    /// A gauge of a time.
    Now,
}

impl Timeline {
    /// Adds a number of steps. Each has the changes between the two points.
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

    /// Returns the time of the last scrape, in seconds.
    pub(crate) fn end(&self) -> usize {
        self.steps.saturating_sub(1) * STEP
    }

    /// Returns all series, each with an entry for each step.
    pub(crate) fn series(&self) -> impl Iterator<Item = (&Labels, &[At])> {
        self.series.iter().map(|(labels, values)| (labels, values.as_slice()))
    }

    fn step(&mut self, changes: &[(Labels, Change)]) {
        for (labels, change) in changes {
            if !self.series.contains_key(labels) {
                self.series.insert(labels.clone(), vec![At::Nothing; self.steps]);
            }
            let values = self.series.get_mut(labels).expect("it was inserted");
            let before = match values.last() {
                Some(At::Value(before)) => *before,
                // A process starts its counters at 0.
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

/// Returns the labels of a sample as Prometheus stores them.
fn key(sample: &Sample, service: &str) -> Labels {
    let mut labels = sample.labels.clone();
    labels.insert("__name__".to_owned(), sample.name.clone());
    scraped(labels, service)
}

/// Adds the labels of the target.
fn scraped(mut labels: Labels, service: &str) -> Labels {
    labels.insert("job".to_owned(), "phoenix-services".to_owned());
    labels.insert("instance".to_owned(), format!("{service}:8080"));
    labels
}
