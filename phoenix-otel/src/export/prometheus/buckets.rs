//! Histograms in one form: bounds, cumulative counts, count and sum.

use opentelemetry_sdk::metrics::data::{self, HistogramDataPoint};

use crate::exemplar::RecordedExemplar;

use super::exemplar::Exemplar;
use super::exponential::{Exponential, Layout, Side};
use super::number::Number;

/// A classic histogram. The value is reused for each point.
#[derive(Debug)]
pub(super) struct Buckets<'a> {
    /// Finite upper bounds, ascending.
    pub(super) bounds: Vec<f64>,
    /// For each bound, the number of observations less than or equal to it.
    pub(super) cumulative: Vec<u64>,
    pub(super) count: u64,
    pub(super) sum: Number,
    pub(super) exemplars: Vec<Exemplar<'a>>,
}

impl<'a> Buckets<'a> {
    pub(super) fn new() -> Self {
        Buckets {
            bounds: Vec::new(),
            cumulative: Vec::new(),
            count: 0,
            sum: Number::Unsigned(0),
            exemplars: Vec::new(),
        }
    }

    fn begin(&mut self, count: u64, sum: Number) {
        self.bounds.clear();
        self.cumulative.clear();
        self.exemplars.clear();
        self.count = count;
        self.sum = sum;
    }

    /// Bounds that do not ascend would make the exposition invalid. They are removed, and their counts are added to the next valid bound.
    fn push(&mut self, bound: f64, cumulative: u64) {
        let cumulative = cumulative.min(self.count);
        if !bound.is_finite() {
        } else if self.bounds.last().is_none_or(|last| *last < bound) {
            self.bounds.push(bound);
            self.cumulative.push(cumulative);
        } else if let Some(last) = self.cumulative.last_mut() {
            *last = cumulative;
        }
    }

    /// A histogram without labels and without observations.
    pub(super) fn zero(&mut self, bounds: &[f64]) {
        self.begin(0, Number::Unsigned(0));
        for bound in bounds {
            self.push(*bound, 0);
        }
    }

    pub(super) fn explicit<T: Copy + Into<Number>>(
        &mut self,
        point: &'a HistogramDataPoint<T>,
        observed: &'a [RecordedExemplar],
        exemplars: bool,
    ) {
        self.begin(point.count(), point.sum().into());
        let mut cumulative = 0;
        for (bound, count) in point.bounds().zip(point.bucket_counts()) {
            cumulative += count;
            self.push(bound, cumulative);
        }
        if exemplars {
            self.add_exemplars(point.exemplars(), observed);
        }
    }

    /// An exponential histogram with the bounds of `layout`: negative buckets, the one around zero, positive ones.
    ///
    /// The lower bound of the first positive bucket is written too, so that a quantile in that bucket is not interpolated from zero.
    pub(super) fn exponential(&mut self, point: &Exponential<'_>, layout: &Layout) {
        self.begin(point.count, point.sum);
        let mut cumulative = 0;
        // The most negative bucket has the highest index, and comes first here. Its upper bound is the one nearer to zero.
        let counts = layout.counts(point, Side::Negative);
        for (index, count) in layout.indexes(Side::Negative).rev().zip(counts.into_iter().rev()) {
            cumulative += count;
            self.push(-layout.bound(index), cumulative);
        }

        cumulative += point.zero_count;
        self.push(point.zero_threshold, cumulative);

        let indexes = layout.indexes(Side::Positive);
        if !indexes.is_empty() {
            self.push(layout.bound(indexes.start), cumulative);
        }
        for (index, count) in indexes.zip(layout.counts(point, Side::Positive)) {
            cumulative += count;
            self.push(layout.bound(index + 1), cumulative);
        }
    }

    pub(super) fn add_exemplars<T: Copy + Into<Number> + 'a>(
        &mut self,
        exemplars: impl Iterator<Item = &'a data::Exemplar<T>>,
        observed: &'a [RecordedExemplar],
    ) {
        self.exemplars.extend(exemplars.map(Exemplar::new));
        self.exemplars.extend(observed.iter().map(Exemplar::of));
    }

    pub(super) fn foreign(&mut self, buckets: &[(f64, u64)], sum: f64, count: u64) {
        self.begin(count, sum.into());
        for (bound, cumulative) in buckets {
            self.push(*bound, *cumulative);
        }
    }

    /// Whether strict OpenMetrics allows it as a histogram: the sum must be a counter, so no observation may be negative.
    pub(super) fn is_valid_openmetrics(&self) -> bool {
        self.sum.is_valid_count() && self.bounds.first().is_none_or(|first| *first >= 0.0)
    }

    /// The exemplar of the bucket with this index. The last bucket has no bound.
    pub(super) fn exemplar(&self, bucket: usize) -> Option<&Exemplar<'a>> {
        self.exemplars.iter().rev().find(|exemplar| {
            let value = exemplar.value.as_f64();
            let above = bucket.checked_sub(1).and_then(|below| self.bounds.get(below)).is_none_or(|low| value > *low);
            above && self.bounds.get(bucket).is_none_or(|high| value <= *high)
        })
    }
}
