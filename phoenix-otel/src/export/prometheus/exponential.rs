//! Exponential histograms: as native histograms, and the bounds that they have as classic ones.
//!
//! The bucket with index i holds values in `(base^i, base^(i+1)]`, with `base = 2^(2^-scale)` (metrics data model, "Exponential Buckets").
//! Two neighbours of a scale are one bucket of the scale below, so `index >> 1` is its index there.

use std::ops::Range;

use opentelemetry_sdk::metrics::data::{ExponentialBucket, ExponentialHistogramDataPoint};

use super::number::Number;

/// A point without its number type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exponential<'a> {
    pub(super) count: u64,
    pub(super) sum: Number,
    pub(super) zero_count: u64,
    pub(super) zero_threshold: f64,
    scale: i32,
    /// `None` if there was no observation.
    buckets: Option<[&'a ExponentialBucket; 2]>,
}

/// Negative or positive observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Negative,
    Positive,
}

impl<'a> Exponential<'a> {
    pub(super) fn of<T: Copy + Into<Number>>(point: &'a ExponentialHistogramDataPoint<T>) -> Self {
        Self {
            count: point.count() as u64,
            sum: point.sum().into(),
            zero_count: point.zero_count(),
            zero_threshold: point.zero_threshold(),
            scale: point.scale().into(),
            buckets: Some([point.negative_bucket(), point.positive_bucket()]),
        }
    }

    /// A histogram without observations.
    pub(super) const EMPTY: Self = Self {
        count: 0,
        sum: Number::Unsigned(0),
        zero_count: 0,
        zero_threshold: 0.0,
        scale: SCHEMA_MAX,
        buckets: None,
    };

    /// The buckets with observations, by their index at a lower scale. An index may occur repeatedly.
    fn at_scale(&self, side: Side, scale: i32) -> impl Iterator<Item = (i64, u64)> + use<'a> {
        let shift = (self.scale - scale).clamp(0, 63);
        let buckets = self.buckets.map(|buckets| buckets[side as usize]);
        let indexed = buckets.into_iter().flat_map(|buckets| (i64::from(buckets.offset())..).zip(buckets.counts()));
        indexed.filter(|(_, count)| *count > 0).map(move |(index, count)| (index >> shift, count))
    }
}

/// The classic bounds of a family's exponential histograms. They are the same for all its series, so that buckets can be added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    scale: i32,
    /// The indexes of the buckets, by side.
    sides: [Range<i64>; 2],
}

impl Layout {
    /// The most buckets of a side. Each is a series.
    const BUCKETS: i64 = 32;
    /// The largest scale, with four buckets for each power of two. Most processes then have the bounds of one of three
    /// scales. The bounds of each of these scales contain those of the next.
    const SCALE: i32 = 2;

    /// The finest bounds within these limits for all points.
    pub(super) fn of<'a>(points: impl Iterator<Item = Exponential<'a>> + Clone) -> Self {
        let is_used = |point: &Exponential<'_>| point.count > point.zero_count;
        let used = points.filter(is_used);
        let scale = used.clone().map(|point| point.scale).min().unwrap_or(0).min(Self::SCALE);
        let mut layout = Self { scale, sides: [0..0, 0..0] };
        for point in used {
            for side in [Side::Negative, Side::Positive] {
                for (index, _) in point.at_scale(side, scale) {
                    let range = &mut layout.sides[side as usize];
                    *range = if range.is_empty() {
                        index..index + 1
                    } else {
                        range.start.min(index)..range.end.max(index + 1)
                    };
                }
            }
        }
        while layout.sides.iter().any(|range| range.end - range.start > Self::BUCKETS) {
            layout.scale -= 1;
            for range in layout.sides.iter_mut().filter(|range| !range.is_empty()) {
                *range = range.start >> 1..((range.end - 1) >> 1) + 1;
            }
        }
        layout
    }

    /// The indexes of the buckets.
    pub(super) fn indexes(&self, side: Side) -> Range<i64> {
        self.sides[side as usize].clone()
    }

    /// The lower bound of a bucket, as an absolute value.
    pub(super) fn bound(&self, index: i64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "an index has 32 bits")]
        (index as f64 * f64::from(-self.scale).exp2()).exp2()
    }

    /// The observations in each bucket.
    pub(super) fn counts(&self, point: &Exponential<'_>, side: Side) -> Vec<u64> {
        let indexes = self.indexes(side);
        let mut counts = vec![0; usize::try_from(indexes.end - indexes.start).unwrap_or(0)];
        for (index, count) in point.at_scale(side, self.scale) {
            if let Some(of_bucket) = usize::try_from(index - indexes.start).ok().and_then(|at| counts.get_mut(at)) {
                *of_bucket += count;
            }
        }
        counts
    }
}

/// The scales of native histograms, which Prometheus calls schemas.
const SCHEMA_MIN: i32 = -4;
const SCHEMA_MAX: i32 = 8;

/// The width of the zero bucket where the SDK's is 0, as Prometheus' OTLP receiver sets it.
const ZERO_THRESHOLD: f64 = 1e-128;

/// A native histogram. Reused for each point.
#[derive(Debug, Default)]
pub(super) struct Native {
    pub(super) schema: i32,
    pub(super) count: u64,
    pub(super) zero_count: u64,
    pub(super) zero_threshold: f64,
    /// The buckets, by side.
    pub(super) sides: [Spans; 2],
}

/// The buckets of a side: runs of buckets, and the difference of each bucket to the one before.
#[derive(Debug, Default)]
pub(super) struct Spans {
    /// The distance to the run before (for the first run its index), and its length.
    pub(super) spans: Vec<(i32, u32)>,
    pub(super) deltas: Vec<i64>,
    /// The index and the count of the last bucket.
    last: (i64, i64),
}

impl Native {
    /// Fills it with a point. Returns false if Prometheus has no schema for the scale.
    pub(super) fn fill(&mut self, point: &Exponential<'_>) -> bool {
        if point.scale < SCHEMA_MIN {
            return false;
        }
        self.schema = point.scale.min(SCHEMA_MAX);
        self.zero_count = point.zero_count;
        self.zero_threshold = if point.zero_threshold > 0.0 { point.zero_threshold } else { ZERO_THRESHOLD };
        // Prometheus rejects a histogram whose count is not that of its buckets.
        self.count = point.zero_count;
        for side in [Side::Negative, Side::Positive] {
            let spans = &mut self.sides[side as usize];
            spans.clear();
            let mut bucket = None;
            for (index, count) in point.at_scale(side, self.schema) {
                self.count += count;
                match &mut bucket {
                    Some((same, merged)) if *same == index => *merged += count,
                    _ => spans.push(bucket.replace((index, count))),
                }
            }
            spans.push(bucket);
        }
        true
    }
}

impl Spans {
    fn clear(&mut self) {
        self.spans.clear();
        self.deltas.clear();
        self.last = (0, 0);
    }

    /// Adds a bucket. Its index in Prometheus is that of its upper bound.
    fn push(&mut self, bucket: Option<(i64, u64)>) {
        /// A longer gap is cheaper as the beginning of another run.
        const MAX_GAP: i64 = 2;
        let Some((index, count)) = bucket else { return };
        let (index, count) = (index + 1, i64::try_from(count).unwrap_or(i64::MAX));
        let gap = index - self.last.0 - 1;
        match self.spans.last_mut() {
            Some((_, length)) if gap <= MAX_GAP => {
                *length += u32::try_from(gap).unwrap_or(0) + 1;
                for _ in 0..gap {
                    self.deltas.push(-self.last.1);
                    self.last.1 = 0;
                }
            }
            Some(_) => self.spans.push((i32::try_from(gap).unwrap_or(i32::MAX), 1)),
            None => self.spans.push((i32::try_from(index).unwrap_or(i32::MAX), 1)),
        }
        self.deltas.push(count - self.last.1);
        self.last = (index, count);
    }
}
