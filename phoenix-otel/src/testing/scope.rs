//! The scopes of tests.

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

/// Isolated recording: values that handles, instrumented functions and layers record in a scope are visible only in that scope.
///
/// A scope has the naming, views, caps and buckets that [`init`](crate::Builder::init) creates from the same [`Builder`](crate::Builder), but no
/// exporter, endpoint or thread. Several scopes and an `init` can exist at the same time.
///
/// A thread is in a scope after [`enter`](Self::enter), until the guard is dropped. A future is in a scope with [`in_scope`](Self::in_scope). A
/// spawned task or thread starts outside of the scope: pass the scope to it, see [`current`](Self::current). A scope ends when its last clone is
/// dropped.
///
/// A call belongs to the scope in which it starts, wherever it ends.
#[derive(Clone)]
pub struct Scope(Arc<Scoped>);

// A panic leaves a scope valid, so a test of panics can use it within `catch_unwind`.
impl std::panic::UnwindSafe for Scope {}
impl std::panic::RefUnwindSafe for Scope {}

/// The parts of the SDK with which a scope is read.
pub(super) struct Sdk {
    /// Keeps the provider alive: the reader does not.
    pub(super) _provider: SdkMeterProvider,
    pub(super) reader: SharedReader,
    pub(super) clock: Arc<quanta::Mock>,
}

/// Creates a scope for a service with this name and default settings. For other settings use [`Builder::scope`](crate::Builder::scope).
///
/// # Panics
///
/// Panics if the declared metrics of the program conflict. `init` fails for the same reasons.
#[track_caller]
pub fn scope(name: impl Into<String>) -> Scope {
    builder(name).scope().unwrap_or_else(|error| panic!("{error}"))
}

impl Scope {
    pub(super) fn new(scoped: Arc<Scoped>) -> Self {
        Self(scoped)
    }

    /// The scope that this thread is in, to pass it to another thread or task. `None` if the thread is in no scope.
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

    /// Enters the scope: this thread records in it until the guard is dropped.
    ///
    /// With a single-threaded runtime, such as that of `#[tokio::test]`, this includes spawned tasks, because they are polled on this thread. If a
    /// task can move to another thread, use [`in_scope`](Self::in_scope).
    pub fn enter(&self) -> Entered {
        Entered { _entered: scoped::enter(Some(self.0.clone())) }
    }

    /// Calls a function in the scope.
    pub fn run<T>(&self, function: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        function()
    }

    /// Runs a future in the scope, on any thread that polls or drops it.
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

    /// Advances the clock of the scope. The clock moves only with this method, so real time does not change durations.
    ///
    /// This clock determines the durations of calls and requests, and the window of a [`Summary`](crate::Summary).
    pub fn advance(&self, by: Duration) {
        self.sdk().clock.increment(by);
    }

    /// Creates all series that `init` would create at 0. Otherwise a scope contains only the series that were used.
    ///
    /// Exception: a histogram without labels is in the scope only after its first value. The same holds for OTLP exports; a scrape contains it from
    /// the start.
    pub fn declare_all(&self) {
        self.run(|| declared::zero(self.0.binding().naming()));
    }

    /// All recorded values, including the observations of callbacks.
    ///
    /// It contains this crate's own counters of dropped values and overflows (`phoenix_otel_…`) only if they are not 0.
    ///
    /// # Panics
    ///
    /// Panics if the OpenTelemetry SDK cannot collect.
    #[track_caller]
    pub fn snapshot(&self) -> Snapshot {
        // Callbacks of observable instruments run in the scope.
        let _entered = self.enter();
        match self.sdk().reader.snapshot() {
            Ok(metrics) => {
                Snapshot::from_sdk(&metrics, self.0.binding().shared_streams().clone()).without_zero_sdk_metrics()
            }
            Err(why) => panic!("the scope cannot be read: {why}"),
        }
    }

    /// The changes since a snapshot: see [`Snapshot::since`].
    #[track_caller]
    pub fn since(&self, before: &Snapshot) -> Snapshot {
        self.snapshot().since(before)
    }

    /// The current value of a series: see [`Snapshot::value`].
    #[track_caller]
    pub fn value<M: Metric, L: Labels<Schema = M::Labels>>(&self, metric: &'static M, labels: L) -> M::Value {
        self.snapshot().value(metric, labels)
    }

    /// The current sum over all series of a metric: see [`Snapshot::total`].
    #[track_caller]
    pub fn total<M: Additive>(&self, metric: &'static M) -> M::Value {
        self.snapshot().total(metric)
    }

    /// The current values of an instrumented function: see [`Snapshot::function`].
    #[track_caller]
    pub fn function(&self, name: &str) -> Calls {
        self.snapshot().function(name)
    }

    fn sdk(&self) -> &Sdk {
        self.0.reading().expect("a scope is created with its reader")
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

/// An RAII guard: the thread leaves the [`Scope`] when the guard is dropped.
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
            // Only after the drop, when nothing polls it.
            None => Poll::Pending,
        }
    }
}
