//! Call sets: up to four metrics that one call records together, with common labels.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use super::call::{Bind, BoundCallSet, CallOptions, CallSeries};
use super::future::Measured;
use super::outcome::Outcome;
use crate::catalog::{CallDef, Labels, labels};
use crate::instrument::binding::Binding;
use crate::instrument::slots::Slots;
use crate::instrument::table::Table;

/// Up to four metrics that one call records together, with common labels. [`metrics!`](crate::metrics!#call-sets) declares it.
///
/// Record a call with [`#[instrument_metrics(SET { … })]`](macro@crate::instrument_metrics#labels-from-arguments) on a function,
/// [`measure`](crate::measure()) for a future, and [`Call`](crate::Call) for anything else.
pub struct CallSet<L: 'static> {
    set: Set,
    labels: PhantomData<fn() -> L>,
}

/// A call set without the type of its labels.
struct Set {
    def: &'static CallDef,
    /// `None` if all metrics of the set are dropped or belong to inactive domains.
    slots: Slots<Option<(Arc<Binding>, Table<CallSeries>)>>,
}

/// Measures a future as a call of a set, like [`#[instrument_metrics]`](macro@crate::instrument_metrics) measures a function. Use it for
/// work that is not a function, such as a consumer, a job or a stream.
///
/// The call starts at the first poll, which also binds the labels, so the future can be created before [`init`](crate::init()). Until the
/// first poll the future borrows the label values. For a task that outlives these values, move them into the task:
/// `async move { measure(…).await }`. The call ends when the future is ready, panics or is dropped. [`Outcome`] decides whether the output
/// is a failure. The duration is in seconds.
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
/// # drop(consume("orders", "1"));
/// ```
///
/// The future's type can be named, so it can be a field: [`Measured`]`<F, `[`LabelledCallSet`]`<M>>`.
///
/// ```
/// # use phoenix_otel::{Status, metrics};
/// use std::future::Ready;
///
/// use phoenix_otel::{LabelledCallSet, Measured, measure};
///
/// # metrics! {
/// #     /// Jobs done.
/// #     static JOBS: Counter { status: Status } = "acme.jobs" { unit: "{job}" };
/// #     /// One job.
/// #     static JOB: CallSet = { requests: JOBS };
/// # }
/// struct Queued {
///     job: Measured<Ready<Option<u32>>, LabelledCallSet<()>>,
/// }
///
/// let queued = Queued { job: measure(&JOB, (), std::future::ready(Some(1))) };
/// # drop(queued.job);
/// ```
pub fn measure<L, M, F>(set: &'static CallSet<L>, labels: M, future: F) -> Measured<F, LabelledCallSet<M>>
where
    L: Labels,
    M: Labels<Schema = L>,
    F: Future<Output: Outcome>,
{
    Measured::new(LabelledCallSet { set, labels }, future, |value, verdict| value.judge(verdict))
}

/// A call set with labels that are bound when a call starts: the target of [`measure`](crate::measure()).
pub struct LabelledCallSet<M: Labels> {
    set: &'static CallSet<M::Schema>,
    labels: M,
}

impl<M: Labels> Clone for LabelledCallSet<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Labels> Copy for LabelledCallSet<M> {}

impl<M: Labels<Schema: Labels>> Bind for LabelledCallSet<M> {
    #[inline]
    fn series(&self) -> Option<&'static CallSeries> {
        self.set.bind(&self.labels).0
    }
}

impl<M: Labels> fmt::Debug for LabelledCallSet<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        labels::debug("LabelledCallSet", &self.labels, f)
    }
}

/// An entry in the list of all call sets that are linked into the program.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
#[cfg_attr(not(any(feature = "page", feature = "testing")), allow(dead_code, reason = "the page and tests read it"))]
pub struct DeclaredSet(&'static Set);

#[cfg(any(feature = "page", feature = "testing"))]
impl DeclaredSet {
    /// The definition.
    pub(crate) fn def(&self) -> &'static CallDef {
        self.0.def
    }
}

inventory::collect!(DeclaredSet);

impl<L> fmt::Debug for CallSet<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.set.def.metrics().map(|metric| metric.name).collect();
        f.debug_tuple("CallSet").field(&names).finish()
    }
}

impl<L: Labels> CallSet<L> {
    /// Creates the set of a definition. [`metrics!`](crate::metrics!) calls it.
    #[doc(hidden)]
    pub const fn new(def: &'static CallDef) -> Self {
        Self { set: Set { def, slots: Slots::new() }, labels: PhantomData }
    }

    /// The set's entry in the list of all call sets. [`metrics!`](crate::metrics!) calls it.
    #[doc(hidden)]
    pub const fn declared(&'static self) -> DeclaredSet {
        DeclaredSet(&self.set)
    }

    /// Binds the set to its labels and creates the series. [`Call::start`](crate::Call::start) takes the result.
    ///
    /// It binds to the series of the latest [`init`](crate::init()), or of the scope of the current test. So call it when a call starts.
    #[inline]
    pub fn bind<M: Labels<Schema = L>>(&'static self, labels: &M) -> BoundCallSet {
        BoundCallSet(self.set.tables().and_then(|(binding, table)| {
            table.get(labels, &|values| CallSeries::bind(binding, self.set.def, CallOptions::default(), values))
        }))
    }
}

impl Set {
    #[inline]
    fn tables(&'static self) -> Option<&'static (Arc<Binding>, Table<CallSeries>)> {
        self.slots.get(&|binding| Some((binding.clone(), self.table(binding)?))).and_then(Option::as_ref)
    }

    /// The table distinguishes label sets by the labels that at least one metric keeps. Its limit is the highest cap of the metrics.
    fn table(&self, binding: &Arc<Binding>) -> Option<Table<CallSeries>> {
        let streams: Vec<_> = self.def.metrics().flat_map(|metric| binding.streams_of(metric, None)).collect();
        let cap = streams.iter().map(|stream| stream.cap).max()?;
        let keeps = |label: &str| {
            streams.iter().any(|stream| stream.keeps(label) && stream.def.labels.iter().any(|has| has.name == label))
        };
        Some(Table::with_overflow_per_enums(self.def.labels, cap, &keeps))
    }
}
