//! What a receiver rejected of an export, while it took the rest: the partial success of OTLP.

use opentelemetry_sdk::error::OTelSdkError;

/// The data points or spans that a receiver rejected, while it took others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) count: usize,
    /// Who rejected how many of how many, and why.
    pub(crate) reason: String,
}

/// What became of an export; with nothing rejected all of it was taken.
pub(crate) type Exported = Result<Option<Rejected>, OTelSdkError>;
