//! All series that may have exemplars.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use opentelemetry::KeyValue;

use super::{Observed, Reservoir};
use crate::lock::lock;
use crate::sort;

/// By attributes, in the order of their keys.
type BySeries<T> = HashMap<Arc<[KeyValue]>, T>;

/// Which observations may be an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Those within a sampled span.
    Sampled,
    /// All of them.
    Every,
}

impl Filter {
    /// Those within a sampled span, of which there are some with the feature `tracing` alone.
    pub(crate) fn sampled() -> Option<Self> {
        cfg!(feature = "tracing").then_some(Self::Sampled)
    }
}

/// Where the series of one `init` leave their exemplars.
#[derive(Debug)]
pub(crate) struct Store {
    scope: &'static str,
    /// `None` where there are none: nobody reads them, or the configuration wants none.
    filter: Option<Filter>,
    /// By instrument.
    series: Mutex<HashMap<String, BySeries<Arc<Reservoir>>>>,
}

impl Store {
    /// The store of the instruments of this scope.
    pub(crate) fn new(scope: &'static str, filter: Option<Filter>) -> Self {
        Self { scope, filter, series: Mutex::default() }
    }

    /// The exemplars of a histogram's series, if there shall be any. There are as many series as the metric's cap allows.
    pub(crate) fn reservoir(
        &self,
        instrument: &str,
        attributes: &[KeyValue],
        bounds: Arc<[f64]>,
    ) -> Option<Arc<Reservoir>> {
        let filter = self.filter?;
        let mut series = lock(&self.series);
        let of_instrument = series.entry(instrument.to_owned()).or_default();
        let reservoir =
            of_instrument.entry(sorted(attributes).into()).or_insert_with(|| Arc::new(Reservoir::new(filter, bounds)));
        Some(reservoir.clone())
    }

    /// What there is now. It is read without the lock, which a new series waits for.
    pub(crate) fn snapshot(&self) -> Exemplars {
        let instruments: Vec<(String, Vec<_>)> = lock(&self.series)
            .iter()
            .map(|(instrument, series)| {
                let series = series.iter().map(|(attributes, reservoir)| (attributes.clone(), reservoir.clone()));
                (instrument.clone(), series.collect())
            })
            .collect();
        let instruments = instruments.into_iter().filter_map(|(instrument, series)| {
            let observed = series.into_iter().map(|(attributes, reservoir)| (attributes, reservoir.snapshot()));
            let observed: HashMap<_, _> = observed.filter(|(_, observed)| !observed.is_empty()).collect();
            (!observed.is_empty()).then_some((instrument, observed))
        });
        Exemplars { scope: self.scope, instruments: instruments.collect() }
    }
}

/// The exemplars of one moment, by instrument and attributes.
#[derive(Clone, Debug, Default)]
pub struct Exemplars {
    scope: &'static str,
    instruments: HashMap<String, BySeries<Vec<Observed>>>,
}

/// The exemplars of one instrument.
#[derive(Clone, Copy)]
pub(crate) struct OfInstrument<'a>(&'a BySeries<Vec<Observed>>);

impl Exemplars {
    /// Those of an instrument, if it has any.
    pub(crate) fn of(&self, scope: &str, instrument: &str) -> Option<OfInstrument<'_>> {
        self.instruments.get(instrument).filter(|_| scope == self.scope).map(OfInstrument)
    }
}

impl<'a> OfInstrument<'a> {
    /// Those of a series.
    pub(crate) fn series<'k>(self, attributes: impl Iterator<Item = &'k KeyValue>) -> &'a [Observed] {
        let attributes: Vec<KeyValue> = attributes.cloned().collect();
        self.0.get(&*sorted(&attributes)).map_or(&[], Vec::as_slice)
    }
}

/// Equal sets as equal lists: which order the SDK exports them in is its own affair.
fn sorted(attributes: &[KeyValue]) -> Vec<KeyValue> {
    let mut attributes = attributes.to_vec();
    sort::by(&mut attributes, |a, b| a.key.cmp(&b.key));
    attributes
}
