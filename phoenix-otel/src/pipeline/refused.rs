//! Instruments of other libraries that the SDK silently rejects, because their name, unit or bounds are invalid. Their dropped values are
//! counted.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Callback};

use super::viewed::{self, Recorder};
use crate::catalog::lint::refused_name;
use crate::catalog::sdk::DropReason;
use crate::catalog::{bounds, unit};

/// Counts dropped values, by instrument name and reason.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DropCounter {
    /// Creates the series at 0.
    pub(crate) declare: fn(&str, DropReason),
    pub(crate) count: fn(&str, DropReason),
}

/// Why the SDK rejects an instrument: the reason and a message.
pub(super) fn problem(
    name: &str,
    unit: Option<&Cow<'static, str>>,
    bounds: Option<&[f64]>,
) -> Option<(DropReason, String)> {
    let of_name = refused_name(name).map(|problem| (DropReason::Name, problem));
    let of_unit = || Some((DropReason::Unit, unit::refused(unit?)?));
    let of_bounds = || Some((DropReason::Bounds, bounds::problem(bounds?)?));
    of_name.or_else(of_unit).or_else(of_bounds)
}

/// The instrument name in reports and labels. An empty label value would count as no label.
pub(super) fn display_name(name: &str) -> &str {
    if name.is_empty() { "(empty)" } else { name }
}

/// Counts and drops each value.
struct Refused {
    name: Arc<str>,
    reason: DropReason,
    drop_counter: DropCounter,
}

impl Refused {
    fn new(name: &str, reason: DropReason, drop_counter: DropCounter) -> Self {
        let name = display_name(name);
        (drop_counter.declare)(name, reason);
        Self { name: name.into(), reason, drop_counter }
    }

    fn count(&self) {
        (self.drop_counter.count)(&self.name, self.reason);
    }
}

impl<T> AsyncInstrument<T> for Refused {
    fn observe(&self, _: T, _: &[KeyValue]) {
        self.count();
    }
}

/// Replaces a synchronous instrument.
pub(super) fn recorded<T, I: Recorder<T>>(name: &str, reason: DropReason, drop_counter: DropCounter) -> I {
    let refused = Refused::new(name, reason, drop_counter);
    viewed::counted(move || refused.count())
}

/// Replaces the callbacks of an observable instrument: it calls them and counts the dropped observations.
pub(super) fn observed<T: 'static>(
    name: &str,
    reason: DropReason,
    drop_counter: DropCounter,
    callbacks: Vec<Callback<T>>,
) -> Callback<T> {
    let refused = Refused::new(name, reason, drop_counter);
    Box::new(move |_: &dyn AsyncInstrument<T>| callbacks.iter().for_each(|callback| callback(&refused)))
}
