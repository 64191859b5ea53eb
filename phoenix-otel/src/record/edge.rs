//! One request at the edge of a service, whichever protocol carries it.
//!
//! ```text
//! let mut request = Request::start(());
//! request.routed("GET", "/orders/{id}", &["500", "panic", "cancelled"]);
//! let poll = request.watch(|| future.poll(cx));   // a panic in here is one, and a drop between two polls is a client that left
//! request.sent(1024);
//! request.finish("200");
//! ```

mod route;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::catalog::edge::{API_LATENCY, CONNECTIONS_ACTIVE, REQUEST_DURATION, REQUEST_SIZE, REQUESTS, RESPONSE_SIZE};
use crate::instrument::binding::Binding;
use crate::instrument::slots::Slots;
use crate::instrument::table::Sparse;
use crate::instrument::{Declare, Raised};
use route::Route;

/// The status of a request whose client left before the answer's end.
pub(crate) const CANCELLED: &str = "cancelled";

/// The status of a request that ended with a panic.
pub(crate) const PANIC: &str = "panic";

/// The method of a request that was dropped before anything was known of it, and any method that is not a known one.
pub(crate) const OTHER: &str = "_OTHER";

static EDGE: Slots<Edge> = Slots::new();

/// Whether some service of this process is within a layer.
static IS_LAYERED: AtomicBool = AtomicBool::new(false);

/// A service was put within a layer: from now on the edge's known series exist at 0.
pub(crate) fn layered() {
    if !IS_LAYERED.swap(true, Ordering::AcqRel) {
        let metrics: [&'static dyn Declare; 6] =
            [&REQUESTS, &REQUEST_DURATION, &CONNECTIONS_ACTIVE, &REQUEST_SIZE, &RESPONSE_SIZE, &API_LATENCY];
        // Those of an `init` before; the next one asks `is_layered`.
        metrics.iter().for_each(|metric| metric.zero());
    }
}

/// Whether the edge's known series exist from the start.
pub(crate) fn is_layered() -> bool {
    IS_LAYERED.load(Ordering::Acquire)
}

/// What the edge records since one `init`, by the method and the route.
struct Edge {
    binding: Arc<Binding>,
    routes: Sparse<Route>,
}

impl Edge {
    fn current() -> Option<&'static Self> {
        EDGE.get(|binding| {
            // As many as the histogram with the highest cap takes. Where all are dropped, what stands beside still asks for routes.
            let histograms = [REQUEST_DURATION::DEF, REQUEST_SIZE::DEF, RESPONSE_SIZE::DEF];
            let caps = histograms.into_iter().flat_map(|def| binding.streams_of(def, None)).map(|stream| stream.cap);
            let cap = caps.max().unwrap_or(REQUEST_DURATION::DEF.cap);
            Self { binding: binding.clone(), routes: Sparse::new(cap, REQUEST_DURATION::DEF.labels, |_| true) }
        })
    }

    fn route(&'static self, method: &str, route: &str) -> Option<&'static Route> {
        self.routes.get(&[method, route], |values| Route::bind(&self.binding, values))
    }
}

/// Lets a method and route exist at 0, with these statuses, that are known before the first request. Does nothing before `init`.
#[cfg(feature = "grpc")]
pub(crate) fn declare(method: &str, route: &str, statuses: &[&str]) {
    if let Some(route) = Edge::current().and_then(|edge| edge.route(method, route)) {
        route.declare(statuses);
    }
}

/// How a request ended, for what is recorded beside the edge's own metrics.
pub(crate) struct End<'e> {
    /// The protocol's status, or [`CANCELLED`], or [`PANIC`].
    pub(crate) status: &'e str,
    /// The route that it was counted under; empty where none matched.
    pub(crate) route: &'e str,
    /// From the start to the end, in seconds.
    pub(crate) seconds: f64,
    /// Bytes of the request's body that were read.
    pub(crate) received: u64,
    /// Bytes of the answer's body that were sent.
    pub(crate) sent: u64,
}

/// What is recorded of a request beside the edge's own metrics, such as those of the semantic conventions.
pub(crate) trait Beside {
    /// The request has ended; this is called once.
    fn ended(&mut self, end: &End<'_>);
}

impl Beside for () {
    fn ended(&mut self, _: &End<'_>) {}
}

impl<B: Beside> Beside for Option<B> {
    fn ended(&mut self, end: &End<'_>) {
        if let Some(beside) = self {
            beside.ended(end);
        }
    }
}

/// What was read of a request's body, which may be read by another task than the one that answers.
#[derive(Debug, Default)]
pub(crate) struct Received {
    bytes: AtomicU64,
    broken: AtomicBool,
}

impl Received {
    /// Bytes of data were read.
    pub(crate) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The body ended with an error: its client has left, or has broken the protocol.
    pub(crate) fn broke(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }
}

/// A request that is being answered.
///
/// It is counted once, whatever ends it: by [`finish`](Self::finish) under a status, and dropped without as [`CANCELLED`], or as
/// [`PANIC`] where it is dropped by a panic within [`watch`](Self::watch). Started before `init` it is not counted at all.
#[must_use = "a request that is dropped at once is counted as cancelled"]
pub(crate) struct Request<B: Beside = ()> {
    beside: B,
    /// `None` before `init`, and after the end.
    edge: Option<&'static Edge>,
    route: Option<&'static Route>,
    /// Of the summary by method, which goes on where routes overflow.
    method: Cow<'static, str>,
    start: u64,
    received: Option<Arc<Received>>,
    sent: u64,
    on_drop: &'static str,
    _active: Raised,
}

impl<B: Beside> Request<B> {
    /// Starts a request: from now on it is being answered.
    pub(crate) fn start(beside: B) -> Self {
        let edge = Edge::current();
        Self {
            beside,
            edge,
            route: None,
            method: Cow::Borrowed(OTHER),
            start: edge.map_or(0, |edge| edge.binding.clock().raw()),
            received: None,
            sent: 0,
            on_drop: CANCELLED,
            _active: CONNECTIONS_ACTIVE.raise(()),
        }
    }

    /// Says what is asked for: a method of a bounded set, and the template of the route, empty where none matches.
    ///
    /// Called again, what it said before is replaced. The counters of the `declared` statuses exist at 0 from the first sight of a route,
    /// so that a rate sees the first failure.
    pub(crate) fn routed(&mut self, method: &str, route: &str, declared: &[&str]) {
        let Some(edge) = self.edge else { return };
        self.route = edge.route(method, route);
        let Some(route) = self.route else { return };
        self.method = match &route.labels {
            Some([method, _]) => Cow::Borrowed(method),
            None => Cow::Owned(method.to_owned()),
        };
        route.declare(declared);
    }

    /// Where the reader of the request's body counts what it reads. Without, nothing was received.
    pub(crate) fn receiver(&mut self) -> Arc<Received> {
        self.received.get_or_insert_default().clone()
    }

    /// How many bytes of the request's body were read so far.
    pub(crate) fn received_so_far(&self) -> u64 {
        self.received.as_ref().map_or(0, |received| received.bytes.load(Ordering::Relaxed))
    }

    /// Whether the request's body ended with an error.
    pub(crate) fn is_broken(&self) -> bool {
        self.received.as_ref().is_some_and(|received| received.broken.load(Ordering::Relaxed))
    }

    /// Bytes of the answer's body went out.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// How many bytes of the answer's body went out so far.
    pub(crate) fn sent_so_far(&self) -> u64 {
        self.sent
    }

    /// What is recorded beside.
    pub(crate) fn beside(&mut self) -> &mut B {
        &mut self.beside
    }

    /// Runs a poll, or what else may panic: dropped by that, the request is a [`PANIC`].
    ///
    /// Asking the thread whether it panics would mistake a client that leaves for a panic where a suspended request is dropped by the
    /// unwinding of something else.
    pub(crate) fn watch<R>(&mut self, run: impl FnOnce() -> R) -> R {
        self.on_drop = PANIC;
        let returned = run();
        self.on_drop = CANCELLED;
        returned
    }

    /// Ends the request with a status of its protocol.
    pub(crate) fn finish(mut self, status: &str) {
        self.end(status);
    }

    /// The same where a whole answer was let go of before its end was asked for, unless a panic dropped it.
    pub(crate) fn finish_dropped(mut self, status: &str) {
        if self.on_drop != PANIC {
            self.end(status);
        }
    }

    fn end(&mut self, status: &str) {
        if self.edge.is_some() && self.route.is_none() {
            self.routed(OTHER, "", &[]);
        }
        let Some(edge) = self.edge.take() else { return };
        let clock = edge.binding.clock();
        let seconds = clock.delta_as_nanos(self.start, clock.raw()) as f64 * 1e-9;
        let received = self.received_so_far();
        if let Some(route) = self.route {
            route.record(seconds, received, self.sent, status);
        }
        API_LATENCY.record(seconds, API_LATENCY { method: &self.method });
        let route = self.route.and_then(|route| route.labels.as_ref()).map_or("", |[_, route]| route);
        self.beside.ended(&End { status, route, seconds, received, sent: self.sent });
    }
}

impl<B: Beside> Drop for Request<B> {
    fn drop(&mut self) {
        self.end(self.on_drop);
    }
}
