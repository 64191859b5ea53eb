//! A timer for histograms.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};

use super::binding::Binding;
use super::bound::BoundHistogram;
use super::handle::SeriesOfStreams;
use crate::catalog::MetricDef;
use crate::lock::lock;
use crate::report::report;

/// An RAII guard that records the seconds from its start to its drop in a [`Histogram`](crate::Histogram).
///
/// [`Histogram::timer`](crate::Histogram::timer) starts it. It records however it is dropped, also by a panic or the drop of a future.
/// [`discard`](Self::discard) ends it without recording.
#[must_use = "the timer ends when this is dropped: `let _timer = …`"]
pub struct Timer {
    /// `None` before `init`, and for a timer that records nothing.
    running: Option<Running>,
}

struct Running {
    series: SeriesOfStreams<BoundHistogram>,
    binding: &'static Arc<Binding>,
    start: u64,
}

impl Timer {
    /// A timer that records nothing.
    pub(super) const fn noop() -> Self {
        Self { running: None }
    }

    /// Starts a timer.
    #[inline]
    pub(super) fn start(
        series: SeriesOfStreams<BoundHistogram>,
        binding: &'static Arc<Binding>,
        def: &'static MetricDef,
    ) -> Self {
        // The only unit of time that a metric can have.
        if def.unit != "s" {
            report_unit(def);
            return Self::noop();
        }
        Self { running: Some(Running { series, binding, start: binding.clock().raw() }) }
    }

    /// Ends the timer without recording.
    pub fn discard(mut self) {
        self.running = None;
    }
}

/// Reports a histogram that does not measure time, once per process.
#[cold]
fn report_unit(def: &MetricDef) {
    static REPORTED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if lock(&REPORTED).insert(def.name) {
        let (metric, unit) = (def.name, def.unit);
        report!(ERROR, { metric, unit }, "the timer records nothing because its histogram does not have the unit `s`");
    }
}

impl Drop for Timer {
    #[inline]
    fn drop(&mut self) {
        let Some(Running { series: (first, others), binding, start }) = self.running.take() else { return };
        let clock = binding.clock();
        // Division, not multiplication: 15e9 * 1e-9 is greater than 15, so it would fall into the wrong bucket.
        let seconds = clock.delta_as_nanos(start, clock.raw()) as f64 / 1e9;
        for series in first.into_iter().chain(others) {
            series.record(|bound| bound.record(seconds));
        }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("records", &self.running.is_some()).finish()
    }
}
