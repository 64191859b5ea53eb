//! Metrics of another library, to be shown beside ours.

#[cfg(feature = "prometheus-bridge")]
mod of_registry;

/// A metric of another library, with all of its series.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignFamily<'a> {
    /// The name in Prometheus, with all of its suffixes. A family whose name is not legal is left out.
    pub name: &'a str,
    /// What it measures.
    pub help: &'a str,
    /// What it is.
    pub kind: ForeignKind,
    /// The series.
    pub series: Vec<ForeignSeries<'a>>,
}

/// What a [`ForeignFamily`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignKind {
    /// A number that only grows.
    Counter,
    /// A number.
    Gauge,
    /// Buckets, a sum and a count.
    Histogram,
    /// Quantiles, a sum and a count.
    Summary,
    /// Something else, which is left out.
    Unsupported,
}

/// A series of a [`ForeignFamily`].
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignSeries<'a> {
    /// Names and values. A series with a name that is not legal is left out.
    pub labels: Vec<(&'a str, &'a str)>,
    /// What it is now.
    pub value: ForeignValue,
}

/// The value of a [`ForeignSeries`]. A series whose value is not of its family's kind is left out.
#[derive(Clone, Debug, PartialEq)]
pub enum ForeignValue {
    /// Of a counter or a gauge.
    Number(f64),
    /// Of a histogram.
    Histogram {
        /// The upper bound of each bucket, and how many observations are below it.
        buckets: Vec<(f64, u64)>,
        /// The sum of all observations.
        sum: f64,
        /// How many there are.
        count: u64,
    },
    /// Of a summary.
    Summary {
        /// Each quantile, from 0 to 1, with its value.
        quantiles: Vec<(f64, f64)>,
        /// The sum of all observations.
        sum: f64,
        /// How many there are.
        count: u64,
    },
}
