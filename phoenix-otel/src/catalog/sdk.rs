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
    /// The instrument, of another library, has an invalid name.
    Name,
    /// The instrument, of another library, has an invalid unit.
    Unit,
    /// The instrument, of another library, is a histogram whose bounds do not ascend.
    Bounds,
    /// The instrument was created in a callback while the SDK collected under its lock.
    Callback,
    /// An attribute has an empty key, so OTLP exports drop it. They drop the whole point if only this attribute distinguishes it from
    /// another point.
    Key,
    /// Another version of the recording library declares the metric differently, and that declaration is used.
    Version,
    /// On a scrape, another point of the metric has the same labels.
    Duplicate,
    /// On a scrape, another metric or series has the same name, or the same metric has another type.
    Conflict,
    /// On a scrape, the exposition format cannot represent the metric or one of its labels.
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
