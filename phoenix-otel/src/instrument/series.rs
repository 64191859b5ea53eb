//! A bound series, and the further series that are recorded with it.

use super::bound::{BoundCounter, BoundUpDownCounter};

/// The series of one label set in one stream or in several.
#[derive(Clone)]
pub(crate) struct Series<B> {
    bound: B,
    /// Only few series have this part. For the others it costs one comparison.
    extra: Option<Box<Extra<B>>>,
}

/// Counts dropped recordings of a definition that another version of its crate replaces.
pub(crate) type DroppedCounter = Series<BoundCounter<u64>>;

/// The series and counters that are recorded in addition to the bound instrument.
#[derive(Clone)]
struct Extra<B> {
    /// The counter of overflows, for an overflow series.
    overflow_counter: Option<Series<BoundCounter<u64>>>,
    /// The series of further streams.
    others: Vec<Series<B>>,
}

impl<B> Series<B> {
    pub(super) fn new(bound: B) -> Self {
        Self { bound, extra: None }
    }

    /// The bound instrument of the first stream.
    pub(super) fn bound_mut(&mut self) -> &mut B {
        &mut self.bound
    }

    /// Creates the overflow series of a stream. `overflow_counter` counts its measurements.
    pub(super) fn with_overflow_counter(bound: B, overflow_counter: Option<Series<BoundCounter<u64>>>) -> Self {
        let extra = overflow_counter
            .map(|overflow_counter| Box::new(Extra { overflow_counter: Some(overflow_counter), others: Vec::new() }));
        Self { bound, extra }
    }

    /// Combines these series into one. `None` if there are none.
    pub(super) fn all(series: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut series = series.into_iter();
        let mut first = series.next()?;
        let others: Vec<Self> = series.collect();
        if !others.is_empty() {
            let extra =
                first.extra.get_or_insert_with(|| Box::new(Extra { overflow_counter: None, others: Vec::new() }));
            extra.others = others;
        }
        Some(first)
    }

    /// Records in each stream, and counts an overflow.
    #[inline]
    pub(crate) fn record(&self, record: impl Fn(&B)) {
        self.record_counted(&record, 1);
    }

    /// Reverts a measurement in each stream, without counting an overflow again.
    #[inline]
    pub(crate) fn revert(&self, record: impl Fn(&B)) {
        self.record_counted(&record, 0);
    }

    /// Records a value that represents this number of measurements.
    #[inline]
    fn record_counted(&self, record: &impl Fn(&B), measurements: u64) {
        record(&self.bound);
        if let Some(extra) = &self.extra {
            extra.record(record, measurements);
        }
    }
}

impl<B> Extra<B> {
    #[cold]
    fn record(&self, record: &impl Fn(&B), measurements: u64) {
        if let Some(overflow_counter) = &self.overflow_counter {
            overflow_counter.add(measurements);
        }
        for other in &self.others {
            other.record_counted(record, measurements);
        }
    }
}

impl Series<BoundCounter<u64>> {
    /// Adds `n`, as `n` measurements of 1.
    pub(crate) fn add(&self, n: u64) {
        if n > 0 {
            self.record_counted(&|bound: &BoundCounter<u64>| bound.add(n), n);
        }
    }
}

impl Series<BoundUpDownCounter<i64>> {
    /// Adds `n`, as one measurement.
    pub(crate) fn add(&self, n: i64) {
        if n != 0 {
            self.record(|bound| bound.add(n));
        }
    }
}
