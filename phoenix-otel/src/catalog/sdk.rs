//! Self-monitoring metrics.

pub mod exporter;

/// Why a value was dropped: not recorded, or not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, phoenix_otel_macros::Label)]
pub enum DropReason {
    /// It is NaN.
    Nan,
    /// It is negative, and the metric is a counter.
    Negative,
    /// It is infinite.
    Infinite,
    /// The instrument belongs to another library and has an invalid name.
    Name,
    /// The instrument belongs to another library and has an invalid unit.
    Unit,
    /// The instrument belongs to another library and is a histogram whose bounds do not ascend.
    Bounds,
    /// The instrument was created in a callback while the SDK collected under its lock.
    Callback,
    /// An attribute has an empty key, so an OTLP export drops the attribute. If two points then have the same attributes, it merges them, or
    /// drops one of them if they cannot be added up.
    Key,
    /// Two versions of the recording library declare the metric differently, and the declaration of the other version is used.
    Version,
    /// On a scrape, another point of the metric has the same labels.
    Duplicate,
    /// On a scrape, another metric or series has the same name, or the same metric has another type.
    Conflict,
    /// On a scrape, the exposition format cannot represent the metric or one of its labels.
    Unsupported,
}

phoenix_otel_macros::metrics! {
    /// Measurements recorded on the overflow series, because the metric has reached its cap.
    pub static OVERFLOW: Counter { metric: &str } = "phoenix.otel.overflow" { unit: "{measurement}" };

    /// Values that were not recorded because the value or the instrument is invalid, and attributes and points that were dropped from an export or a scrape.
    pub static DROPPED: Counter { metric: &str, reason: DropReason } = "phoenix.otel.dropped" { unit: "{value}" };

    /// Series of a metric, without its overflow series.
    pub static SERIES: ObservableGauge { metric: &str } = "phoenix.otel.series" { unit: "{series}" };
}
