//! Exemplars: the newest observation of each bucket of a histogram, with its trace.
//!
//! The SDK records no exemplars, and its data types cannot be constructed outside it. So exemplars are stored here: recording adds them,
//! and exporters find them by instrument name and attributes. An exemplar stays in its bucket until a newer one replaces it or the series
//! ends.

mod context;
mod reservoir;
mod store;

#[cfg(feature = "tracing")]
pub(crate) use context::note_exit;
pub(crate) use context::{CallSpan, SpanWatch};
pub(crate) use reservoir::Reservoir;
pub use store::Exemplars;
pub(crate) use store::{Filter, InstrumentExemplars, Store};

use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::KeyValue;

/// The identity of an exemplar's span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanIds {
    pub(crate) trace: [u8; 16],
    pub(crate) span: [u8; 8],
}

/// The attributes of an observation that its series does not have because a view drops them: *filtered attributes* in the OpenTelemetry
/// specification. All observations of a bound attribute set share them, so storing an exemplar allocates nothing.
pub(crate) type FilteredAttributes = Option<Arc<[KeyValue]>>;

/// One exemplar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RecordedExemplar {
    pub(crate) value: f64,
    pub(crate) time: SystemTime,
    /// `None` for an observation outside any span. Only the filter `always_on` accepts such observations.
    pub(crate) span: Option<SpanIds>,
    pub(crate) filtered: FilteredAttributes,
}

impl RecordedExemplar {
    /// The filtered attributes.
    pub(crate) fn filtered_attributes(&self) -> &[KeyValue] {
        self.filtered.as_deref().unwrap_or_default()
    }
}
