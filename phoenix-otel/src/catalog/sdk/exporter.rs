//! Self-monitoring metrics of exporters and readers, by the OpenTelemetry conventions for SDKs.
//!
//! Only configured exporters have series, so `self_metrics` creates them. They are not among the series that exist in every service.

use crate::catalog::Label;
use crate::catalog::function::DURATION_BOUNDS;

/// The outcome of a collection or an export. As a label it is `error.type`, which must be absent for a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded.
    Success,
    /// It failed, for a reason that is not listed below.
    Failed,
    /// It timed out.
    Timeout,
    /// It panicked.
    Panic,
    /// It was abandoned: at shutdown, or because the scraping client disconnected.
    Abandoned,
    /// The previous collection or export was still running.
    Busy,
    /// These data points were rejected and the others accepted: by the receiver, or because the exposition format cannot represent them.
    Rejected,
}

// Not derived, because the derive rejects an empty value. `do_not_recommend` hides this type from compile errors about labels.
#[diagnostic::do_not_recommend]
impl Label for Outcome {
    const VALUES: &'static [&'static str] = &["", "failed", "timeout", "panic", "abandoned", "busy", "rejected"];

    fn index(self) -> usize {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Timeout => 2,
            Self::Panic => 3,
            Self::Abandoned => 4,
            Self::Busy => 5,
            Self::Rejected => 6,
        }
    }
}

/// The response to a scrape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, phoenix_otel_macros::Label)]
pub enum ScrapeStatus {
    /// The response contains the metrics.
    #[label("200")]
    Ok,
    /// No Prometheus exporter is configured.
    #[label("404")]
    NotConfigured,
    /// The metrics could not be collected.
    #[label("500")]
    Failed,
    /// The telemetry was shut down.
    #[label("503")]
    ShutDown,
    /// The client disconnected before the response, or the collection exceeded the endpoint's timeout. After that timeout the response is 503.
    Cancelled,
}

impl ScrapeStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Ok, Self::NotConfigured, Self::Failed, Self::ShutDown, Self::Cancelled];
}

phoenix_otel_macros::metrics! {
    /// Data points whose export has ended, by outcome.
    pub static EXPORTED: Counter {
        #[label("otel.component.type")] component: &str,
        #[label("otel.component.name")] name: &str,
        #[label("error.type")] outcome: Outcome
    } = "otel.sdk.exporter.metric_data_point.exported" { unit: "{data_point}" };

    /// Duration of an export with all its attempts; for a scrape, of the encoding.
    pub static OPERATION_DURATION: Histogram {
        #[label("otel.component.type")] component: &str,
        #[label("otel.component.name")] name: &str,
        #[label("error.type")] outcome: Outcome
    } = "otel.sdk.exporter.operation.duration" {
        unit: "s",
        bounds: [0.001, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0]
    };

    /// Time to collect the metrics of the process.
    pub static COLLECTION_DURATION: Histogram {
        #[label("otel.component.type")] component: &str,
        #[label("otel.component.name")] name: &str,
        #[label("error.type")] outcome: Outcome
    } = "otel.sdk.metric_reader.collection.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS
    };

    /// Time of the exporter's last successful export or scrape, in seconds since 1970.
    pub static LAST_EXPORT: Gauge { exporter: &str } = "phoenix.otel.last_export.timestamp" { unit: "s" };

    /// Responses to scrapes, by HTTP status.
    pub static SCRAPES: Counter { status: ScrapeStatus } = "phoenix.otel.scrapes" { unit: "{scrape}" };

    /// Duration of a scrape from the request to the response: collection, encoding and compression.
    pub static SCRAPE_DURATION: Histogram = "phoenix.otel.scrape.duration" {
        unit: "s",
        bounds: DURATION_BOUNDS
    };
}
