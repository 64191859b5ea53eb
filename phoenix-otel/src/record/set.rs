//! Call sets: the metrics that one call records together, under labels of its own.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use super::call::{Bound, CallSeries};
use super::future::Measured;
use super::outcome::Outcome;
use crate::catalog::{CallDef, Labels};
use crate::instrument::binding::Binding;
use crate::instrument::slots::Slots;
use crate::instrument::table::{Table, Values};

/// The metrics that a call records: a counter by status, a duration, an error counter and a gauge of those in flight,
/// whichever of them [`metrics!`](crate::metrics) names.
pub struct CallSet<L: 'static> {
    def: &'static CallDef,
    /// Nothing is bound where the domains of all its metrics are not active.
    slots: Slots<Option<Bindings>>,
    labels: PhantomData<fn() -> L>,
}

/// What one `init` bound a set to.
struct Bindings {
    binding: Arc<Binding>,
    /// The metrics of the set that the process has.
    def: CallDef,
    table: Table<CallSeries>,
}

impl Bindings {
    fn bind(&self, values: Values<'_>) -> CallSeries {
        CallSeries::bind(&self.binding, &self.def, None, values)
    }
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
        Self { def, slots: Slots::new(), labels: PhantomData }
    }

    /// Binds the set to its labels: what [`Call::start`](super::Call::start) takes.
    #[inline]
    pub fn bind<M: Labels<Of = L>>(&'static self, labels: &M) -> Bound {
        Bound(self.bindings().and_then(|bindings| bindings.table.get(labels, |values| bindings.bind(values))))
    }

    #[inline]
    fn bindings(&'static self) -> Option<&'static Bindings> {
        let bindings = self.slots.get(|binding| {
            let def = self.def.filter(|metric| binding.admits(metric));
            let is_empty = def.metrics().next().is_none();
            (!is_empty).then(|| Bindings { binding: binding.clone(), table: Table::new_by_enums::<L>(self.cap()), def })
        });
        bindings?.as_ref()
    }

    /// How many label sets are told apart: as many as the metric with the highest cap takes.
    fn cap(&self) -> usize {
        self.def.metrics().map(|metric| metric.cap).max().unwrap_or(0)
    }
}

impl<L: Labels> DeclareSet for CallSet<L> {
    fn def(&self) -> &'static CallDef {
        self.def
    }

    fn zero(&'static self) {
        if let Some(bindings) = self.bindings() {
            bindings.table.fill::<L>(|values| bindings.bind(values));
        }
    }
}
