//! Handles over OpenTelemetry instruments: declared once as statics, inert before `init`, bound after.

mod alone;
pub(crate) mod binding;
pub(crate) mod bound;
pub(crate) mod family;
mod handles;
mod observable;
pub(crate) mod slots;
pub(crate) mod striped;
mod summary;
pub(crate) mod table;

#[cfg(feature = "http")]
pub(crate) use handles::Declare;
pub use handles::{Counter, Declared, Gauge, Histogram, Raised, UpDownCounter};
pub use observable::{ObservableCounter, ObservableGauge, ObservableUpDownCounter, Observation, Observer};
pub use summary::Summary;
