//! Handles over OpenTelemetry instruments: declared once as statics, inert before `init`, bound after.

mod alone;
pub(crate) mod binding;
pub(crate) mod bound;
pub(crate) mod family;
mod handles;
pub(crate) mod slots;
pub(crate) mod striped;
pub(crate) mod table;

pub use handles::{Counter, Declared, Gauge, Histogram, UpDownCounter};
