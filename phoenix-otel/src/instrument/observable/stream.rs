//! One stream of an observable instrument: reports its series at each collection, up to its cap.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use opentelemetry::metrics::AsyncInstrument;

use super::observer::Number;
use crate::instrument::binding::Binding;
use crate::instrument::bound::BoundCounter;
use crate::instrument::family::overflow_counter;
use crate::instrument::series::Series;
use crate::view;
use crate::view::merge::{Merged, overflow_attributes};

/// A stream of an observable instrument, for one `init`.
pub(super) struct Stream {
    binding: Weak<Binding>,
    stream: Arc<view::Stream>,
    /// The metric's name in Prometheus.
    metric: String,
    /// The number of series at the last collection.
    count: Arc<AtomicUsize>,
    overflowed: OnceLock<Option<Series<BoundCounter<u64>>>>,
    /// The maximum number of values that one collection reported to the overflow series.
    most_overflowing: AtomicUsize,
}

impl Stream {
    pub(super) fn new(binding: &Arc<Binding>, stream: Arc<view::Stream>) -> Self {
        let metric = stream.prometheus_name();
        let count = binding.series_of(&metric);
        let (overflowed, most_overflowing) = Default::default();
        Self { binding: Arc::downgrade(binding), stream, metric, count, overflowed, most_overflowing }
    }

    /// Reports the values of one collection to the SDK.
    pub(super) fn report<N: Number>(&self, merged: &Merged<N>, instrument: &dyn AsyncInstrument<N>) {
        for (attributes, value) in merged.values() {
            instrument.observe(*value, attributes);
        }
        self.count.store(merged.values().len(), Ordering::Relaxed);
        if let Some((value, values)) = merged.overflow() {
            instrument.observe(value, &overflow_attributes());
            self.overflow(values);
        }
    }

    /// Counts the values that a collection reports to the overflow series. Only an increase over the previous maximum counts, so frequent
    /// collections do not count the same values again.
    fn overflow(&self, overflowing: usize) {
        let before = self.most_overflowing.fetch_max(overflowing, Ordering::Relaxed);
        if overflowing <= before {
            return;
        }
        let counter = || overflow_counter(&self.binding.upgrade()?, self.stream.def, &self.metric);
        if let Some(overflowed) = self.overflowed.get_or_init(counter) {
            overflowed.add((overflowing - before) as u64);
        }
    }
}
