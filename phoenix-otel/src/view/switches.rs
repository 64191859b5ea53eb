//! Metrics that the configuration file switches off. They are recorded and not exported, so they can be switched on while the service runs.

use std::sync::{Arc, Mutex};

use super::View;
use super::selector::{Instrument, InstrumentKind, Meter};
use crate::lock::lock;

/// The views that decide, in their order: those of the file and those of code.
#[derive(Debug, Default)]
pub(super) struct Switches(Mutex<Arc<[View]>>);

impl Switches {
    pub(super) fn new(views: &[View]) -> Self {
        let switches = Self::default();
        switches.set(views);
        switches
    }

    /// Sets the views. Without a switch among them, nothing is kept.
    pub(super) fn set(&self, views: &[View]) {
        let has_switches = views.iter().any(View::switches_off);
        *lock(&self.0) = if has_switches { views.into() } else { Arc::default() };
    }

    pub(super) fn get(&self) -> Arc<[View]> {
        lock(&self.0).clone()
    }
}

/// Whether the last view that selects the instrument switches it off.
pub(super) fn is_off(views: &[View], name: &str, unit: &str, meter: &str) -> bool {
    // The kind and the version of the meter do not count: a view that selects one is not a switch.
    let meter = Meter { name: meter, version: "", schema_url: "" };
    let instrument = Instrument { name, kind: InstrumentKind::Counter, unit, meter };
    let last = views.iter().rfind(|view| view.selector.is_by_name() && view.selector.selects(&instrument));
    last.is_some_and(View::switches_off)
}
