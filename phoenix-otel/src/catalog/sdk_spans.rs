//! Self-monitoring metrics of the export of spans, by the OpenTelemetry conventions for SDKs. They exist if spans are exported.

use super::sdk::exporter::Outcome;
use crate::catalog::Label;

/// The outcome of processing an ended span before its export. As a label it is `error.type`, which must be absent for a span that was
/// passed to the exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processed {
    /// It was passed to the exporter.
    Exported,
    /// The queue was full.
    QueueFull,
    /// It was abandoned because an earlier batch could not be exported.
    Abandoned,
}

// Not derived, because the derive rejects an empty value. `do_not_recommend` hides this type from compile errors about labels.
#[diagnostic::do_not_recommend]
impl Label for Processed {
    const VALUES: &'static [&'static str] = &["", "queue_full", "abandoned"];

    fn index(self) -> usize {
        match self {
            Self::Exported => 0,
            Self::QueueFull => 1,
            Self::Abandoned => 2,
        }
    }
}

phoenix_otel_macros::metrics! {
    /// Spans whose export has ended, by outcome.
    pub static EXPORTED: Counter {
        #[label("otel.component.type")] component: &str,
        #[label("otel.component.name")] name: &str,
        #[label("error.type")] outcome: Outcome
    } = "otel.sdk.exporter.span.exported" { unit: "{span}" };

    /// Spans that are being exported.
    pub static INFLIGHT: ObservableUpDownCounter {
        #[label("otel.component.type")] component: &str,
        #[label("otel.component.name")] name: &str
    } = "otel.sdk.exporter.span.inflight" { unit: "{span}" };

    /// Sampled spans that were passed to the exporter or dropped.
    pub static PROCESSED: Counter {
        #[label("otel.component.type")] component: &str,
        #[label("otel.component.name")] name: &str,
        #[label("error.type")] outcome: Processed
    } = "otel.sdk.processor.span.processed" { unit: "{span}" };

    /// Spans in the queue.
    pub static QUEUE_SIZE: ObservableUpDownCounter {
        #[label("otel.component.type")] component: &str,
        #[label("otel.component.name")] name: &str
    } = "otel.sdk.processor.span.queue.size" { unit: "{span}" };

    /// Maximum number of spans in the queue.
    pub static QUEUE_CAPACITY: ObservableUpDownCounter {
        #[label("otel.component.type")] component: &str,
        #[label("otel.component.name")] name: &str
    } = "otel.sdk.processor.span.queue.capacity" { unit: "{span}" };
}
