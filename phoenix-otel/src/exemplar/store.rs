//! All series that may have exemplars.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use opentelemetry::KeyValue;

use super::{RecordedExemplar, Reservoir};
use crate::lock::lock;
use crate::sort;

/// Values by attribute set. Attributes are sorted by key.
type BySeries<T> = HashMap<Arc<[KeyValue]>, T>;

/// Which observations become exemplars, as the specification's exemplar filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Observations within a sampled span.
    TraceBased,
    /// All observations.
    AlwaysOn,
}

impl Filter {
    /// The filter for sampled spans. `None` without the feature `tracing`, since there are no spans.
    pub(crate) fn trace_based() -> Option<Self> {
        cfg!(feature = "tracing").then_some(Self::TraceBased)
    }
}

/// Stores the exemplars of all series of one `init`.
#[derive(Debug)]
pub(crate) struct Store {
    scope: &'static str,
    /// `None` if exemplars are off: no exporter reads them, or the configuration disables them.
    filter: Option<Filter>,
    /// By instrument.
    series: Mutex<HashMap<String, BySeries<Arc<Reservoir>>>>,
}

impl Store {
    /// The store of the instruments of this scope.
    pub(crate) fn new(scope: &'static str, filter: Option<Filter>) -> Self {
        Self { scope, filter, series: Mutex::default() }
    }

    /// The reservoir of a histogram's series, or `None` if exemplars are off. The metric's cap limits their number.
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

    /// The current exemplars. Reservoirs are read without the lock, so a new series does not wait.
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

/// A snapshot of all exemplars, by instrument and attributes.
#[derive(Clone, Debug, Default)]
pub struct Exemplars {
    scope: &'static str,
    instruments: HashMap<String, BySeries<Vec<RecordedExemplar>>>,
}

/// The exemplars of one instrument.
#[derive(Clone, Copy)]
pub(crate) struct InstrumentExemplars<'a>(&'a BySeries<Vec<RecordedExemplar>>);

impl Exemplars {
    /// The exemplars of an instrument, if it has any.
    pub(crate) fn of(&self, scope: &str, instrument: &str) -> Option<InstrumentExemplars<'_>> {
        self.instruments.get(instrument).filter(|_| scope == self.scope).map(InstrumentExemplars)
    }
}

impl<'a> InstrumentExemplars<'a> {
    /// The exemplars of a series.
    pub(crate) fn series<'k>(self, attributes: impl Iterator<Item = &'k KeyValue>) -> &'a [RecordedExemplar] {
        let attributes: Vec<KeyValue> = attributes.cloned().collect();
        self.0.get(&*sorted(&attributes)).map_or(&[], Vec::as_slice)
    }
}

/// Sorts attributes, since the SDK may export them in any order.
fn sorted(attributes: &[KeyValue]) -> Vec<KeyValue> {
    let mut attributes = attributes.to_vec();
    sort::by(&mut attributes, |a, b| a.key.cmp(&b.key));
    attributes
}
