//! Handles of OpenTelemetry instruments: declared as statics, no-ops before `init`, bound after it.

pub(crate) mod attributes;
pub(crate) mod binding;
pub(crate) mod bound;
mod family;
mod handle;
mod handles;
mod increment_guard;
pub(crate) mod metric;
mod observable;
mod reentrancy;
#[cfg_attr(not(feature = "testing"), path = "scoped/off.rs")]
pub(crate) mod scoped;
pub(crate) mod series;
pub(crate) mod slots;
pub(crate) mod striped;
mod summary;
pub(crate) mod table;
mod timer;
pub(crate) mod trie;

#[cfg(feature = "testing")]
pub(crate) use handle::Declare;
pub use handle::Declared;
pub use handles::{Counter, CounterValue, Gauge, Histogram, UpDownCounter};
pub use increment_guard::IncrementGuard;
pub use observable::{ObservableCounter, ObservableGauge, ObservableUpDownCounter, Observation, Observer};
pub use summary::Summary;
pub use timer::Timer;
