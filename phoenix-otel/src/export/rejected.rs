//! The partial success of OTLP: a receiver accepts an export but rejects a part of it.

use opentelemetry_sdk::error::OTelSdkError;

/// The data points or spans that a receiver rejected while it accepted the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) count: usize,
    /// A text with the rejecting component, the numbers and the reason.
    pub(crate) reason: String,
}

/// The result of an export. `Ok(None)` means that everything was accepted.
pub(crate) type ExportResult = Result<Option<Rejected>, OTelSdkError>;
