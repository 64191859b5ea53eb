//! Metrics that the configuration file switches off. They are recorded and not exported, so they can be switched on while the service runs.

use std::sync::{Arc, Mutex};

use super::View;
use super::selector::{Instrument, InstrumentKind, Meter};
use crate::config::Meters;
use crate::lock::lock;

/// What decides: first the meters, then the views.
#[derive(Debug, Default)]
pub(super) struct Switches {
    meters: Mutex<Arc<Meters>>,
    /// Those of the file and those of code, in their order.
    views: Mutex<Arc<[View]>>,
}

impl Switches {
    pub(super) fn new(views: &[View]) -> Self {
        let switches = Self::default();
        switches.set_views(views);
        switches
    }

    /// Sets the views. Without a switch among them, nothing is kept.
    pub(super) fn set_views(&self, views: &[View]) {
        let has_switches = views.iter().any(View::switches_off);
        *lock(&self.views) = if has_switches { views.into() } else { Arc::default() };
    }

    pub(super) fn set_meters(&self, meters: Meters) {
        *lock(&self.meters) = Arc::new(meters);
    }

    pub(super) fn get(&self) -> (Arc<Meters>, Arc<[View]>) {
        (lock(&self.meters).clone(), lock(&self.views).clone())
    }
}

/// Whether the last view of the stream that has the name of its instrument switches it off. A view that gives another name has another stream.
pub(super) fn is_off(views: &[View], name: &str, unit: &str, meter: &str) -> bool {
    // The kind and the version of the meter do not count: a view that selects one is not a switch.
    let meter = Meter { name: meter, version: "", schema_url: "" };
    let instrument = Instrument { name, kind: InstrumentKind::Counter, unit, meter };
    let is_of_stream = |view: &View| view.name.as_deref().is_none_or(|given| given == name);
    let selects = |view: &View| view.selector.is_by_name() && view.selector.selects(&instrument);
    let last = views.iter().rfind(|view| is_of_stream(view) && selects(view));
    last.is_some_and(View::switches_off)
}
