//! The values of histograms and summaries, for tests.

use std::fmt;

use super::number::Number;

/// The observations of one series of a histogram.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Distribution {
    /// The number of observations.
    pub count: u64,
    /// The sum of the observations.
    pub sum: f64,
    /// The buckets in ascending order, including empty buckets.
    pub buckets: Vec<Bucket>,
}

/// The observations above `lower` and not above `upper`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bucket {
    /// The exclusive lower bound. Negative infinity in the first bucket of a classic histogram.
    pub lower: f64,
    /// The inclusive upper bound. Infinity in the last bucket of a classic histogram.
    pub upper: f64,
    /// The number of observations.
    pub count: u64,
}

impl Distribution {
    /// A histogram with these upper bounds and a last bucket up to infinity.
    pub(super) fn explicit(
        count: u64,
        sum: f64,
        bounds: impl IntoIterator<Item = f64>,
        counts: impl IntoIterator<Item = u64>,
    ) -> Self {
        let mut lower = f64::NEG_INFINITY;
        let uppers = bounds.into_iter().chain([f64::INFINITY]);
        let bucket = |(upper, count)| Bucket { lower: std::mem::replace(&mut lower, upper), upper, count };
        Self { count, sum, buckets: uppers.zip(counts).map(bucket).collect() }
    }

    /// A base-2 exponential histogram: the buckets of negative and positive values, each with its first index, and the zero bucket.
    ///
    /// The bucket with index i contains `(base^i, base^(i+1)]`, with `base = 2^(2^-scale)` (OpenTelemetry's metrics data model).
    pub(super) fn exponential(
        (count, sum): (u64, f64),
        scale: i32,
        (zero_threshold, zeros): (f64, u64),
        (negative_offset, negative): (i32, Vec<u64>),
        (positive_offset, positive): (i32, Vec<u64>),
    ) -> Self {
        let step = f64::from(-scale).exp2();
        let bound = |index: i32| (f64::from(index) * step).exp2();
        let mut buckets: Vec<_> = (negative_offset..)
            .zip(negative)
            .map(|(index, count)| Bucket { lower: -bound(index.saturating_add(1)), upper: -bound(index), count })
            .collect();
        buckets.reverse();
        buckets.push(Bucket { lower: -zero_threshold, upper: zero_threshold, count: zeros });
        buckets.extend((positive_offset..).zip(positive).map(|(index, count)| Bucket {
            lower: bound(index),
            upper: bound(index.saturating_add(1)),
            count,
        }));
        Self { count, sum, buckets }
    }

    /// Estimates a quantile like `histogram_quantile` of Prometheus: it interpolates linearly within a bucket, and uses the last finite bound for
    /// observations above it. `None` without observations or without buckets.
    ///
    /// ```standalone_crate
    /// # use phoenix_otel::{metrics, testing};
    /// metrics! {
    ///     /// What an order is worth.
    ///     static VALUE: Histogram = "acme.order.value" { unit: "{EUR}", bounds: [10.0, 50.0, 100.0] };
    /// }
    ///
    /// let scope = testing::scope("shop");
    /// scope.run(|| [20.0, 30.0, 40.0, 70.0].map(|euros| VALUE.record(euros, ())));
    /// let value = scope.value(&VALUE, ());
    /// assert_eq!((value.count, value.sum), (4, 160.0));
    /// assert_eq!(value.quantile(0.75), Some(50.0));
    /// ```
    pub fn quantile(&self, q: f64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a test makes fewer than 2^52 observations")]
        let as_f64 = |count: u64| count as f64;
        let rank = q.clamp(0.0, 1.0) * as_f64(self.count);
        let mut below = 0;
        for Bucket { lower, upper, count } in self.buckets.iter().copied().filter(|bucket| bucket.count > 0) {
            if as_f64(below + count) >= rank {
                let lower = if lower.is_finite() { lower } else { upper.min(0.0) };
                let within = (rank - as_f64(below)) / as_f64(count);
                return Some(if upper.is_finite() { lower + (upper - lower) * within } else { lower });
            }
            below += count;
        }
        None
    }

    /// Adds two histograms. If their buckets differ, the result contains the buckets of both.
    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.count += other.count;
        self.sum += other.sum;
        for bucket in &other.buckets {
            match self.buckets.iter_mut().find(|own| (own.lower, own.upper) == (bucket.lower, bucket.upper)) {
                Some(own) => own.count += bucket.count,
                None => self.buckets.push(*bucket),
            }
        }
        self.buckets.sort_by(|a, b| a.upper.total_cmp(&b.upper));
        self
    }

    /// The observations since `before`.
    pub(super) fn since(&self, before: &Self) -> Self {
        let count_before = |of: &Bucket| {
            let same = before.buckets.iter().find(|bucket| (bucket.lower, bucket.upper) == (of.lower, of.upper));
            same.map_or(0, |bucket| bucket.count)
        };
        let buckets = self.buckets.iter();
        let buckets = buckets.map(|of| Bucket { count: of.count.saturating_sub(count_before(of)), ..*of });
        Self { count: self.count.saturating_sub(before.count), sum: self.sum - before.sum, buckets: buckets.collect() }
    }
}

/// The count, the sum unless it is 0, and the buckets with observations.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "count {}", self.count)?;
        if self.sum != 0.0 {
            write!(f, ", sum {}", Number::from(self.sum))?;
        }
        for Bucket { lower, upper, count } in self.buckets.iter().filter(|bucket| bucket.count > 0) {
            let (lower, upper) = (Number::from(*lower), Number::from(*upper));
            write!(f, ", ({lower}, {upper}]: {count}")?;
        }
        Ok(())
    }
}

/// The observations of one series of a summary.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Quantiles {
    /// The number of observations.
    pub count: u64,
    /// The sum of the observations.
    pub sum: f64,
    pub(super) quantiles: Vec<(f64, f64)>,
}

impl Quantiles {
    /// The quantile 0.5, 0.9, 0.95 or 0.99 over the window of the summary. `None` for other quantiles, or without observations in the window.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        self.quantiles.iter().find(|(of, _)| *of == q).map(|(_, value)| *value)
    }
}
