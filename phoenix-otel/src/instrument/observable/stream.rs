//! One stream of an observable instrument: its series at one collection, up to its cap.

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

/// What an observable instrument has of the `init` it belongs to.
pub(super) struct Stream {
    binding: Weak<Binding>,
    stream: Arc<view::Stream>,
    /// Its name in Prometheus.
    metric: String,
    /// How many series were told of at the last collection.
    count: Arc<AtomicUsize>,
    overflowed: OnceLock<Option<Series<BoundCounter<u64>>>>,
    /// How many values were told to the overflow series by one collection, at most.
    most_overflowing: AtomicUsize,
}

impl Stream {
    pub(super) fn new(binding: &Arc<Binding>, stream: Arc<view::Stream>) -> Self {
        let metric = stream.prometheus_name();
        let count = binding.series_of(&metric);
        let (overflowed, most_overflowing) = Default::default();
        Self { binding: Arc::downgrade(binding), stream, metric, count, overflowed, most_overflowing }
    }

    /// Tells the SDK the values of one collection.
    pub(super) fn tell<N: Number>(&self, merged: &Merged<N>, instrument: &dyn AsyncInstrument<N>) {
        for (attributes, value) in merged.values() {
            instrument.observe(*value, attributes);
        }
        self.count.store(merged.values().len(), Ordering::Relaxed);
        if let Some((value, values)) = merged.overflow() {
            instrument.observe(value, &overflow_attributes());
            self.overflow(values);
        }
    }

    /// Counts the values that one collection told to the overflow series. Who collects often overflows no more for that, so only what is more
    /// than ever before counts.
    fn overflow(&self, told: usize) {
        let before = self.most_overflowing.fetch_max(told, Ordering::Relaxed);
        if told <= before {
            return;
        }
        let counter = || overflow_counter(&self.binding.upgrade()?, self.stream.def, &self.metric);
        if let Some(overflowed) = self.overflowed.get_or_init(counter) {
            overflowed.add((told - before) as u64);
        }
    }
}
