//! One request at the edge of a service, whichever protocol carries it: what is recorded of it.
//!
//! ```text
//! let mut request = Request::start(Wanted::default());
//! request.routed("GET", "/orders/{id}", &["500", "panic", "cancelled"]);
//! let ended = request.end("200", 1024);
//! ```

mod route;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::catalog::edge::{API_LATENCY, CONNECTIONS_ACTIVE, REQUEST_DURATION, REQUEST_SIZE, REQUESTS, RESPONSE_SIZE};
use crate::instrument::binding::Binding;
use crate::instrument::scoped;
use crate::instrument::slots::Slots;
use crate::instrument::table::Sparse;
use crate::instrument::{Declared, Raised};
use route::Route;

/// The status of a request whose client left before the answer's end.
pub(crate) const CANCELLED: &str = "cancelled";

/// The status of a request that ended with a panic.
pub(crate) const PANIC: &str = "panic";

/// The method of a request that was dropped before anything was known of it, and any method that is not a known one.
pub(crate) const OTHER: &str = "_OTHER";

static EDGE: Slots<Edge> = Slots::new();

/// Whether this process has a layer.
static IS_BUILT: AtomicBool = AtomicBool::new(false);

/// A layer was built: from now on the edge's known series exist at 0, before a service is put within it.
pub(crate) fn built() {
    if !IS_BUILT.swap(true, Ordering::AcqRel) {
        let metrics = [
            REQUESTS.declared(),
            REQUEST_DURATION.declared(),
            CONNECTIONS_ACTIVE.declared(),
            REQUEST_SIZE.declared(),
            RESPONSE_SIZE.declared(),
            API_LATENCY.declared(),
        ];
        // Those of an `init` before; the next one asks `is_built`.
        scoped::outside(|| metrics.iter().for_each(|Declared(metric)| metric.zero()));
    }
}

/// Whether the edge's known series exist from the start.
pub(crate) fn is_built() -> bool {
    IS_BUILT.load(Ordering::Acquire)
}

/// What the edge records since one `init`, by the method and the route.
struct Edge {
    binding: Arc<Binding>,
    routes: Sparse<Route>,
    /// Those of layers that want the label `status` on the histogram of durations.
    with_status_label: Sparse<Route>,
}

impl Edge {
    fn current() -> Option<&'static Self> {
        EDGE.get(&|binding| {
            // As many as the histogram with the highest cap takes. Where all are dropped, what stands beside still asks for routes.
            let histograms = [REQUEST_DURATION::DEF, REQUEST_SIZE::DEF, RESPONSE_SIZE::DEF];
            let caps = histograms.into_iter().flat_map(|def| binding.streams_of(def, None)).map(|stream| stream.cap);
            let cap = caps.max().unwrap_or(REQUEST_DURATION::DEF.cap);
            let routes = || Sparse::new(cap, REQUEST_DURATION::DEF.labels, &|_| true);
            Self { binding: binding.clone(), routes: routes(), with_status_label: routes() }
        })
    }

    fn route(&'static self, method: &str, route: &str, wanted: Wanted) -> Option<&'static Route> {
        let routes = if wanted.status_label { &self.with_status_label } else { &self.routes };
        routes.get(&[method, route], &|values| Route::bind(&self.binding, values, wanted))
    }
}

/// Lets a method and route exist at 0, with these statuses, that are known before the first request. Does nothing before `init`.
#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
pub(crate) fn declare(method: &str, route: &str, statuses: &[&str], wanted: Wanted) {
    if let Some(route) = Edge::current().and_then(|edge| edge.route(method, route, wanted)) {
        route.declare(statuses);
    }
}

/// What a layer wants of the edge's metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// The summary of durations, beside the histogram.
    pub(crate) summary: bool,
    /// The label `status` on the histogram of durations.
    pub(crate) status_label: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { summary: true, status_label: false }
    }
}

/// What was read of a request's body, which may be read by another task than the one that answers, and by which layer it is counted.
#[derive(Debug, Default)]
pub struct Received {
    bytes: AtomicU64,
    broken: AtomicBool,
    taken_over: AtomicBool,
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

    /// Another layer counts the request from now on, or none.
    pub(crate) fn take_over(&self) {
        self.taken_over.store(true, Ordering::Relaxed);
    }
}

/// How a request ended, for what is recorded beside the edge's own metrics.
pub(crate) struct Ended<'s> {
    /// The protocol's status, or [`CANCELLED`], or [`PANIC`].
    pub(crate) status: &'s str,
    /// The route that it was counted under; empty where none matched.
    pub(crate) route: &'s str,
    /// From the start to the end, in seconds.
    pub(crate) seconds: f64,
    /// Bytes of the request's body that were read.
    pub(crate) received: u64,
    /// Bytes of the answer's body that were sent.
    pub(crate) sent: u64,
}

/// A request that is in flight. It is counted by [`end`](Self::end), unless another layer has taken it over. Started before `init` it is not
/// counted at all.
#[must_use = "a request is counted at its end"]
pub(crate) struct Request {
    /// `None` before `init`.
    edge: Option<&'static Edge>,
    wanted: Wanted,
    route: Option<&'static Route>,
    /// Of the summary by method, which goes on where routes overflow.
    method: Cow<'static, str>,
    start: u64,
    received: Option<Arc<Received>>,
    /// `None` where the layer outside shows it as in flight.
    _active: Option<Raised>,
}

impl Request {
    /// Starts a request: from now on it is in flight.
    pub(crate) fn start(wanted: Wanted) -> Self {
        Self { _active: Some(CONNECTIONS_ACTIVE.raise(())), ..Self::take_over(wanted) }
    }

    /// Starts a request that another layer shows as in flight.
    pub(crate) fn take_over(wanted: Wanted) -> Self {
        let edge = Edge::current();
        Self {
            edge,
            wanted,
            route: None,
            method: Cow::Borrowed(OTHER),
            start: edge.map_or(0, |edge| edge.binding.clock().raw()),
            received: None,
            _active: None,
        }
    }

    /// Sets what is asked for: a method of a bounded set, and the template of the route, empty where none matches.
    ///
    /// Called again, it replaces what it set before. The counters of the `declared` statuses exist at 0 from the first sight of a route,
    /// so that a rate sees the first failure.
    pub(crate) fn routed(&mut self, method: &str, route: &str, declared: &[&str]) {
        let Some(edge) = self.edge else { return };
        self.route = edge.route(method, route, self.wanted);
        let Some(route) = self.route else { return };
        self.method = match &route.labels {
            Some([method, _]) => Cow::Borrowed(method),
            None => Cow::Owned(method.to_owned()),
        };
        route.declare(declared);
    }

    /// Where the reader of the request's body counts what it reads. Without, nothing was received.
    pub(crate) fn received(&mut self) -> Arc<Received> {
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

    /// Whether another layer counts it.
    pub(crate) fn is_taken_over(&self) -> bool {
        self.received.as_ref().is_some_and(|received| received.taken_over.load(Ordering::Relaxed))
    }

    /// Ends the request with a status of its protocol, after so many bytes of its answer. `None` before `init`.
    pub(crate) fn end(mut self, status: &str, sent: u64) -> Option<Ended<'_>> {
        let edge = self.edge?;
        let clock = edge.binding.clock();
        let seconds = clock.delta_as_nanos(self.start, clock.raw()) as f64 / 1e9;
        let received = self.received_so_far();
        if !self.is_taken_over() {
            if self.route.is_none() {
                self.routed(OTHER, "", &[]);
            }
            if let Some(route) = self.route {
                route.record(seconds, received, sent, status);
            }
            if self.wanted.summary {
                API_LATENCY.record(seconds, API_LATENCY { method: &self.method });
            }
        }
        let route = self.route.and_then(|route| route.labels.as_ref()).map_or("", |[_, route]| route);
        Some(Ended { status, route, seconds, received, sent })
    }
}
