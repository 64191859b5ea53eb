//! Metrics of a foreign library, which are shown next to ours.

#[cfg(feature = "prometheus-bridge")]
mod of_registry;

/// A metric of a foreign library, with all its series.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignFamily<'a> {
    /// The Prometheus name, with all suffixes. A family with an invalid name is dropped.
    pub name: &'a str,
    /// The description.
    pub help: &'a str,
    /// The type.
    pub kind: ForeignKind,
    /// The series.
    pub series: Vec<ForeignSeries<'a>>,
}

/// The type of a [`ForeignFamily`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignKind {
    /// A number that only increases.
    Counter,
    /// A number.
    Gauge,
    /// Buckets, a sum and a count.
    Histogram,
    /// Quantiles, a sum and a count.
    Summary,
    /// Any other type. The family is dropped.
    Unsupported,
}

/// A series of a [`ForeignFamily`].
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignSeries<'a> {
    /// Names and values. A series with an invalid label name is dropped.
    pub labels: Vec<(&'a str, &'a str)>,
    /// The current value.
    pub value: ForeignValue,
}

/// The value of a [`ForeignSeries`]. A series whose value does not have the type of its family is dropped.
#[derive(Clone, Debug, PartialEq)]
pub enum ForeignValue {
    /// The value of a counter or a gauge.
    Number(f64),
    /// The value of a histogram.
    Histogram {
        /// The upper bound of each bucket, and the number of observations less than or equal to it.
        buckets: Vec<(f64, u64)>,
        /// The sum of all observations.
        sum: f64,
        /// The number of observations.
        count: u64,
    },
    /// The value of a summary.
    Summary {
        /// Each quantile, from 0 to 1, with its value.
        quantiles: Vec<(f64, f64)>,
        /// The sum of all observations.
        sum: f64,
        /// The number of observations.
        count: u64,
    },
}
