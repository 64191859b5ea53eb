//! Scopes, as a test has them.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use opentelemetry_sdk::metrics::SdkMeterProvider;
use pin_project_lite::pin_project;

use super::calls::Calls;
use super::metric::{Additive, Metric};
use super::snapshot::Snapshot;
use crate::catalog::Labels;
use crate::declared;
use crate::export::reader::SharedReader;
use crate::init::builder;
use crate::instrument::scoped::{self, Scoped};

/// Recording that is isolated: what the crate's handles, instrumented functions and layers record in a scope is seen in that scope alone.
///
/// A scope has the naming, views, caps and buckets that [`init`](crate::Builder::init) would set up from the same [`Builder`](crate::Builder),
/// and no exporter, endpoint or thread. Scopes exist beside each other, and beside an `init`.
///
/// A thread is in a scope while it has [`enter`](Self::enter)ed it, and a future while it is polled by [`in_scope`](Self::in_scope). A task or a
/// thread that is spawned starts outside: carry the scope over, as [`current`](Self::current) shows. A scope ends when its last clone is dropped.
///
/// A call belongs to the scope in which it starts, wherever it ends.
#[derive(Clone)]
pub struct Scope(Arc<Scoped>);

/// What a scope is read by.
pub(super) struct Sdk {
    /// Held, since the reader does not hold it.
    pub(super) _provider: SdkMeterProvider,
    pub(super) reader: SharedReader,
    pub(super) clock: Arc<quanta::Mock>,
}

/// A scope for a service of this name, with default settings. [`Builder::scope`](crate::Builder::scope) makes one with settings.
///
/// # Panics
///
/// When the metrics that are declared in the program do not fit together, as `init` fails then.
#[track_caller]
pub fn scope(name: impl Into<String>) -> Scope {
    builder(name).scope().unwrap_or_else(|error| panic!("{error}"))
}

impl Scope {
    pub(super) fn new(scoped: Arc<Scoped>) -> Self {
        Self(scoped)
    }

    /// The scope that this thread is in, to be carried to another thread or task.
    ///
    /// ```standalone_crate
    /// use phoenix_otel::testing::{self, Scope};
    ///
    /// phoenix_otel::metrics! {
    ///     /// Jobs done.
    ///     static JOBS: Counter = "acme.jobs" { unit: "{job}" };
    /// }
    ///
    /// fn work_elsewhere() {
    ///     let scope = Scope::current();
    ///     let thread = std::thread::spawn(move || {
    ///         let _entered = scope.as_ref().map(Scope::enter);
    ///         JOBS.add(1, ());
    ///     });
    ///     thread.join().unwrap();
    /// }
    ///
    /// let scope = testing::scope("worker");
    /// scope.run(work_elsewhere);
    /// assert_eq!(scope.value(&JOBS, ()), 1);
    /// ```
    pub fn current() -> Option<Self> {
        scoped::current().map(Self)
    }

    /// Lets this thread record in the scope until the guard is dropped.
    ///
    /// On a runtime of one thread, as that of `#[tokio::test]`, this includes the tasks that are spawned meanwhile, since they are polled on
    /// this thread. Where a task may move to another thread, use [`in_scope`](Self::in_scope).
    pub fn enter(&self) -> Entered {
        Entered { _entered: scoped::enter(Some(self.0.clone())) }
    }

    /// Calls a function in the scope.
    pub fn run<T>(&self, function: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        function()
    }

    /// Runs a future in the scope, on whichever thread it is polled or dropped.
    ///
    /// ```standalone_crate
    /// # use phoenix_otel::{instrument_metrics, testing};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// #[instrument_metrics]
    /// async fn answer() -> u32 {
    ///     42
    /// }
    ///
    /// let scope = testing::scope("deep-thought");
    /// let task = tokio::spawn(scope.in_scope(answer()));
    /// task.await.unwrap();
    /// assert_eq!(scope.function("answer").ok, 1);
    /// # }
    /// ```
    pub fn in_scope<F: Future>(&self, future: F) -> InScope<F> {
        InScope { future: Some(future), scope: self.clone() }
    }

    /// Moves the scope's clock on. It stands still unless it is moved, so what takes time by itself takes none here.
    ///
    /// Durations of calls and of requests are measured by it, and so is the window of a [`Summary`](crate::Summary).
    pub fn advance(&self, by: Duration) {
        self.sdk().clock.increment(by);
    }

    /// Lets every series exist that `init` would export at 0. Without this a scope has the series that were used.
    pub fn declare_all(&self) {
        self.run(|| declared::zero(self.0.binding().naming()));
    }

    /// All that was recorded until now, callbacks of observable instruments included.
    ///
    /// It has this crate's own `phoenix_otel_…` series only where they are not 0: values that were dropped, and overflows.
    ///
    /// # Panics
    ///
    /// When the OpenTelemetry SDK cannot collect.
    #[track_caller]
    pub fn snapshot(&self) -> Snapshot {
        // Callbacks of observable instruments run in the scope.
        let _entered = self.enter();
        match self.sdk().reader.snapshot() {
            Ok(metrics) => Snapshot::of_sdk(&metrics, self.0.binding().shared_streams().clone()).without_quiet(),
            Err(why) => panic!("the scope cannot be read: {why}"),
        }
    }

    /// What was recorded since a snapshot: see [`Snapshot::since`].
    #[track_caller]
    pub fn since(&self, before: &Snapshot) -> Snapshot {
        self.snapshot().since(before)
    }

    /// The value of a series now: see [`Snapshot::value`].
    #[track_caller]
    pub fn value<M: Metric, L: Labels<Of = M::Labels>>(&self, metric: &'static M, labels: L) -> M::Value {
        self.snapshot().value(metric, labels)
    }

    /// The sum over all series of a metric now: see [`Snapshot::total`].
    #[track_caller]
    pub fn total<M: Additive>(&self, metric: &'static M) -> M::Value {
        self.snapshot().total(metric)
    }

    /// The calls of an instrumented function until now: see [`Snapshot::function`].
    #[track_caller]
    pub fn function(&self, name: &str) -> Calls {
        self.snapshot().function(name)
    }

    fn sdk(&self) -> &Sdk {
        self.0.reading().expect("a scope is made with what it is read by")
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

/// Ends the thread's stay in a [`Scope`] when it is dropped.
#[must_use = "the thread leaves the scope when this is dropped: `let _entered = …`"]
pub struct Entered {
    _entered: scoped::Entered,
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}

pin_project! {
    /// A future that runs in a [`Scope`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InScope<F> {
        #[pin]
        future: Option<F>,
        scope: Scope,
    }

    impl<F> PinnedDrop for InScope<F> {
        fn drop(this: Pin<&mut Self>) {
            let _entered = this.scope.enter();
            this.project().future.set(None);
        }
    }
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _entered = self.scope.enter();
        match self.project().future.as_pin_mut() {
            Some(future) => future.poll(context),
            // It is dropped, so nobody polls it.
            None => Poll::Pending,
        }
    }
}
