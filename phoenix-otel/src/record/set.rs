//! Call sets: the metrics that one call records together, under labels of its own.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use super::call::{Bound, CallSeries, Of};
use super::future::Measured;
use super::outcome::Outcome;
use crate::catalog::{CallDef, Labels};
use crate::instrument::binding::Binding;
use crate::instrument::slots::Slots;
use crate::instrument::table::Table;

/// The metrics that a call records: a counter by status, a duration, an error counter and a gauge of those in flight,
/// whichever of them [`metrics!`](crate::metrics) names.
pub struct CallSet<L: 'static> {
    set: Set,
    labels: PhantomData<fn() -> L>,
}

/// What all call sets are, whatever their labels.
struct Set {
    def: &'static CallDef,
    /// Nothing where all of its metrics are dropped, or of domains that are not active.
    slots: Slots<Option<(Arc<Binding>, Table<CallSeries>)>>,
}

/// Measures a future as a call: what the attribute does, for a consumer, a job or a stream, which has no function of its own.
///
/// It starts at the first poll; its labels are bound where this is called. What it returns decides how it ended; see [`Outcome`].
///
/// ```
/// use phoenix_otel::{Status, measure, metrics};
///
/// metrics! {
///     /// Messages that were handled.
///     pub static MESSAGES: Counter { topic: &str, status: Status } = "acme.messages" { unit: "{message}", cap: 100 };
///     /// Time to handle a message.
///     pub static MESSAGE_DURATION: Histogram { topic: &str } = "acme.message.duration" { unit: "s", bounds: [0.1, 1.0] };
///     /// One message.
///     pub static MESSAGE: CallSet { topic: &str } = { requests: MESSAGES, duration: MESSAGE_DURATION };
/// }
///
/// # async fn handle(_: &str) -> Result<(), std::io::Error> { Ok(()) }
/// async fn consume(topic: &str, message: &str) -> Result<(), std::io::Error> {
///     measure(&MESSAGE, MESSAGE { topic }, handle(message)).await
/// }
/// ```
pub fn measure<L, M, F>(set: &'static CallSet<L>, labels: M, future: F) -> Measured<F, Bound>
where
    L: Labels,
    M: Labels<Of = L>,
    F: Future<Output: Outcome>,
{
    Measured::new(set.bind(&labels), future, |value, verdict| value.judge(verdict))
}

/// A declared call set: what `init` finds of every crate in the program.
pub trait DeclareSet: Sync {
    /// The definition.
    fn def(&self) -> &'static CallDef;

    /// Binds every series whose labels are known at compile time, so that it exists at 0.
    fn zero(&'static self);
}

/// An entry of the list of all call sets that are linked into the program.
pub struct DeclaredSet(pub &'static dyn DeclareSet);

inventory::collect!(DeclaredSet);

impl<L: Labels> CallSet<L> {
    /// The set of a definition. [`metrics!`](crate::metrics) writes this.
    pub const fn new(def: &'static CallDef) -> Self {
        Self { set: Set { def, slots: Slots::new() }, labels: PhantomData }
    }

    /// The entry of the list of all call sets.
    pub const fn declared(&'static self) -> DeclaredSet {
        DeclaredSet(&self.set)
    }

    /// Binds the set to its labels: what [`Call::start`](super::Call::start) takes.
    #[inline]
    pub fn bind<M: Labels<Of = L>>(&'static self, labels: &M) -> Bound {
        Bound(self.set.tables().and_then(|(binding, table)| {
            table.get(labels, &|values| CallSeries::bind(binding, self.set.def, Of::default(), values))
        }))
    }
}

impl Set {
    #[inline]
    fn tables(&'static self) -> Option<&'static (Arc<Binding>, Table<CallSeries>)> {
        self.slots.get(&|binding| Some((binding.clone(), self.table(binding)?))).and_then(Option::as_ref)
    }

    /// As many label sets are told apart as the metric with the highest cap takes, by the labels that some metric keeps.
    fn table(&self, binding: &Arc<Binding>) -> Option<Table<CallSeries>> {
        let streams: Vec<_> = self.def.metrics().flat_map(|metric| binding.streams_of(metric, None)).collect();
        let cap = streams.iter().map(|stream| stream.cap).max()?;
        let keeps = |label: &str| {
            streams.iter().any(|stream| stream.keeps(label) && stream.def.labels.iter().any(|has| has.name == label))
        };
        Some(Table::new_by_enums(self.def.labels, cap, &keeps))
    }
}

impl DeclareSet for Set {
    fn def(&self) -> &'static CallDef {
        self.def
    }

    fn zero(&'static self) {
        if let Some((binding, table)) = self.tables() {
            table.fill(self.def.labels, &|values| CallSeries::bind(binding, self.def, Of::default(), values));
        }
    }
}
