//! One bound series, and what else is recorded with it.

use super::bound::{BoundCounter, BoundUpDownCounter};

/// A series of one stream, or the series of several streams that one label set belongs to.
#[derive(Clone)]
pub(crate) struct Series<B> {
    bound: B,
    /// Of few series, so that the others cost one comparison.
    more: Option<Box<More<B>>>,
}

/// Counts what is recorded by a definition that does not hold.
pub(crate) type Lost = Series<BoundCounter<u64>>;

/// What is recorded beside the bound instrument.
#[derive(Clone)]
struct More<B> {
    /// Counts measurements, on an overflow series.
    overflowed: Option<Series<BoundCounter<u64>>>,
    /// The series of further streams.
    others: Vec<Series<B>>,
}

impl<B> Series<B> {
    pub(super) fn new(bound: B) -> Self {
        Self { bound, more: None }
    }

    /// The bound instrument of the first stream.
    pub(super) fn bound_mut(&mut self) -> &mut B {
        &mut self.bound
    }

    /// The overflow series of a stream, which counts with `overflowed`.
    pub(super) fn overflowing(bound: B, overflowed: Option<Series<BoundCounter<u64>>>) -> Self {
        let more = overflowed.map(|overflowed| Box::new(More { overflowed: Some(overflowed), others: Vec::new() }));
        Self { bound, more }
    }

    /// All of these series as one; nothing if there is none.
    pub(super) fn all(series: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut series = series.into_iter();
        let mut first = series.next()?;
        let others: Vec<Self> = series.collect();
        if !others.is_empty() {
            let more = first.more.get_or_insert_with(|| Box::new(More { overflowed: None, others: Vec::new() }));
            more.others = others;
        }
        Some(first)
    }

    /// Records in each stream; an overflow is counted.
    #[inline]
    pub(crate) fn record(&self, record: impl Fn(&B)) {
        self.record_counted(&record, 1);
    }

    /// Takes back in each stream what was recorded, which overflows no more for that.
    #[inline]
    pub(crate) fn take_back(&self, record: impl Fn(&B)) {
        self.record_counted(&record, 0);
    }

    /// Records what so many measurements amount to.
    #[inline]
    fn record_counted(&self, record: &impl Fn(&B), measurements: u64) {
        record(&self.bound);
        if let Some(more) = &self.more {
            more.record(record, measurements);
        }
    }
}

impl<B> More<B> {
    #[cold]
    fn record(&self, record: &impl Fn(&B), measurements: u64) {
        if let Some(overflowed) = &self.overflowed {
            overflowed.add(measurements);
        }
        for other in &self.others {
            other.record_counted(record, measurements);
        }
    }
}

impl Series<BoundCounter<u64>> {
    /// Adds what several measurements amount to, of 1 each.
    pub(crate) fn add(&self, n: u64) {
        if n > 0 {
            self.record_counted(&|bound: &BoundCounter<u64>| bound.add(n), n);
        }
    }
}

impl Series<BoundUpDownCounter<i64>> {
    /// Moves the level by `n`.
    pub(crate) fn add(&self, n: i64) {
        if n != 0 {
            self.record(|bound| bound.add(n));
        }
    }
}
