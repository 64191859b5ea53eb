//! The exemplars of one series.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::context::{self, CallSpan};
use super::{Filter, FilteredAttributes, RecordedExemplar};
use crate::lock::lock;

/// The newest observation of each bucket. Memory is allocated when the series is bound, so recording allocates nothing.
#[derive(Debug)]
pub(crate) struct Reservoir {
    filter: Filter,
    bounds: Arc<[f64]>,
    buckets: Box<[Mutex<Option<RecordedExemplar>>]>,
}

impl Reservoir {
    pub(super) fn new(filter: Filter, bounds: Arc<[f64]>) -> Self {
        let buckets = (0..=bounds.len()).map(|_| Mutex::default()).collect();
        Self { filter, bounds, buckets }
    }

    /// Stores an observation if the filter accepts it. `span` is the span of the call, which may have ended. `filtered` are the filtered
    /// attributes.
    #[inline]
    pub(crate) fn offer(&self, value: f64, span: CallSpan, filtered: &FilteredAttributes) {
        let span = match self.filter {
            Filter::TraceBased => match context::sampled().or_else(|| context::ids(span)) {
                None => return,
                span => span,
            },
            // Spans that are not sampled are not exported, so no backend would find their ids.
            Filter::AlwaysOn => context::sampled().or_else(|| context::ids(span)),
        };
        self.keep(RecordedExemplar { value, time: SystemTime::now(), span, filtered: filtered.clone() });
    }

    /// If another thread has locked the bucket, its observation is equally new, so this observation is dropped.
    fn keep(&self, observed: RecordedExemplar) {
        let bucket = self.bounds.partition_point(|bound| *bound < observed.value);
        if let Some(Ok(mut kept)) = self.buckets.get(bucket).map(Mutex::try_lock) {
            *kept = Some(observed);
        }
    }

    /// The current exemplars, in the order of the buckets.
    pub(super) fn snapshot(&self) -> Vec<RecordedExemplar> {
        let buckets = self.buckets.iter();
        buckets.filter_map(|bucket| lock(bucket).clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_keeps_its_newest() {
        let reservoir = Reservoir::new(Filter::AlwaysOn, [1.0, 2.0].into());
        for value in [0.5, 1.0, 1.5, 9.0, 2.5] {
            reservoir.offer(value, CallSpan::default(), &None);
        }
        let values: Vec<f64> = reservoir.snapshot().iter().map(|observed| observed.value).collect();
        // A bound belongs to the bucket below it.
        assert_eq!(values, [1.0, 1.5, 2.5]);
    }

    #[test]
    fn outside_a_span_nothing_is_sampled() {
        let reservoir = Reservoir::new(Filter::TraceBased, [1.0].into());
        reservoir.offer(0.5, CallSpan::default(), &None);
        assert_eq!(reservoir.snapshot(), []);
    }

    #[test]
    fn a_locked_bucket_blocks_nobody() {
        let reservoir = Reservoir::new(Filter::AlwaysOn, [].into());
        let held = reservoir.buckets[0].lock().unwrap();
        reservoir.offer(1.0, CallSpan::default(), &None);
        drop(held);
        assert_eq!(reservoir.snapshot(), []);
    }
}
