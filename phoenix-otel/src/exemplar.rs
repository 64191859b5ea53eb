//! Exemplars: for each bucket of a histogram, the newest observation of which a trace is known.
//!
//! The SDK records none, and its data cannot be built by others, so they are kept beside it: whoever records leaves one here, and who
//! encodes finds it by the instrument's name and the attributes. It goes with a bucket for as long as the series lives, until a newer one
//! takes its place.

mod context;
mod reservoir;
mod store;

#[cfg(feature = "tracing")]
pub(crate) use context::note;
pub(crate) use context::{Noted, Watch};
pub(crate) use reservoir::Reservoir;
pub use store::Exemplars;
pub(crate) use store::{Filter, OfInstrument, Store};

use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::KeyValue;

/// A span, as an exemplar names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanIds {
    pub(crate) trace: [u8; 16],
    pub(crate) span: [u8; 8],
}

/// The attributes of an observation that its series lacks, since a view drops them: *filtered attributes*, as OpenTelemetry calls them.
/// Shared by all observations of what is bound to one attribute set, so that keeping one allocates nothing.
pub(crate) type Lost = Option<Arc<[KeyValue]>>;

/// One observation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Observed {
    pub(crate) value: f64,
    pub(crate) time: SystemTime,
    /// Absent outside of any span, which only the filter `always_on` lets through.
    pub(crate) span: Option<SpanIds>,
    pub(crate) lost: Lost,
}

impl Observed {
    /// The attributes that the series lacks.
    pub(crate) fn lost(&self) -> &[KeyValue] {
        self.lost.as_deref().unwrap_or_default()
    }
}
