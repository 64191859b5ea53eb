//! Instruments of other libraries that the SDK refuses, without a word: their names, units or bounds are illegal. What they would have recorded is counted.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Callback};

use super::viewed::{self, Recorder};
use crate::catalog::lint::refused_name;
use crate::catalog::sdk::DropReason;
use crate::catalog::{bounds, unit};

/// Who counts the values that are not recorded, by the instrument's name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Losses {
    /// Lets the count exist at 0.
    pub(crate) declare: fn(&str, DropReason),
    pub(crate) count: fn(&str, DropReason),
}

/// What is wrong with an instrument, and why.
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

/// The instrument as it is named in reports and by a label, of which an empty value would be none.
pub(super) fn shown(name: &str) -> &str {
    if name.is_empty() { "(empty)" } else { name }
}

/// Counts what it is given.
struct Refused {
    name: Arc<str>,
    reason: DropReason,
    losses: Losses,
}

impl Refused {
    fn new(name: &str, reason: DropReason, losses: Losses) -> Self {
        let name = shown(name);
        (losses.declare)(name, reason);
        Self { name: name.into(), reason, losses }
    }

    fn count(&self) {
        (self.losses.count)(&self.name, self.reason);
    }
}

impl<T> AsyncInstrument<T> for Refused {
    fn observe(&self, _: T, _: &[KeyValue]) {
        self.count();
    }
}

/// In place of an instrument that records.
pub(super) fn recorded<T, I: Recorder<T>>(name: &str, reason: DropReason, losses: Losses) -> I {
    let refused = Refused::new(name, reason, losses);
    viewed::counted(move || refused.count())
}

/// In place of the callbacks of an observable one: they are called, and what they observe is counted.
pub(super) fn observed<T: 'static>(
    name: &str,
    reason: DropReason,
    losses: Losses,
    callbacks: Vec<Callback<T>>,
) -> Callback<T> {
    let refused = Refused::new(name, reason, losses);
    Box::new(move |_: &dyn AsyncInstrument<T>| callbacks.iter().for_each(|callback| callback(&refused)))
}
