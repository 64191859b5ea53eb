//! Handles over OpenTelemetry instruments: declared once as statics, inert before `init`, bound after.

mod alone;
pub(crate) mod attributes;
pub(crate) mod binding;
pub(crate) mod bound;
mod family;
mod handles;
pub(crate) mod metric;
mod observable;
mod raised;
#[cfg_attr(not(feature = "testing"), path = "scoped/off.rs")]
pub(crate) mod scoped;
pub(crate) mod series;
pub(crate) mod slots;
pub(crate) mod striped;
mod summary;
pub(crate) mod table;
pub(crate) mod trie;

#[cfg(feature = "testing")]
pub(crate) use handles::Declare;
pub use handles::{Counter, Declared, Gauge, Histogram, UpDownCounter};
pub use observable::{ObservableCounter, ObservableGauge, ObservableUpDownCounter, Observation, Observer};
pub use raised::Raised;
pub use summary::Summary;
