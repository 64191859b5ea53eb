//! What telemetry says of itself.

pub mod exporter;

/// Why a value was not recorded, or not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, phoenix_otel_macros::Label)]
pub enum DropReason {
    /// It was not a number.
    Nan,
    /// It was negative, on a counter.
    Negative,
    /// It was infinite.
    Infinite,
    /// The instrument, of another library, has an illegal name.
    Name,
    /// It has an illegal unit.
    Unit,
    /// It is a histogram whose bounds do not ascend.
    Bounds,
    /// The instrument was made in a callback while the SDK collected under its lock.
    Callback,
    /// An attribute has an empty key, so it is left out of each export by OTLP; or a point, which nothing else tells from another one.
    Key,
    /// Another version of the library that records declares the metric differently, and that declaration holds.
    Version,
    /// On a scrape, another point of the metric has the same labels.
    Duplicate,
    /// On a scrape, another metric has the name, or that of a series, or another type.
    Conflict,
    /// On a scrape, the metric or a label of it cannot be shown.
    Unsupported,
}

phoenix_otel_macros::metrics! {
    /// Measurements recorded on the overflow series, since the metric had as many series as its cap allows.
    pub static OVERFLOW: Counter { metric: &str } = "phoenix.otel.overflow" { unit: "{measurement}" };

    /// Values that were not recorded, since the instrument cannot take them, or is illegal itself; and attributes and points that are left out of an export or a scrape.
    pub static DROPPED: Counter { metric: &str, reason: DropReason } = "phoenix.otel.dropped" { unit: "{value}" };

    /// Series of a metric, without the one that takes what exceeds its cap.
    pub static SERIES: ObservableGauge { metric: &str } = "phoenix.otel.series" { unit: "{series}" };
}
