//! Records one request at the edge of a service, over HTTP or gRPC.
//!
//! ```text
//! let mut request = Request::start(EdgeOptions::default());
//! request.set_route("GET", "/orders/{id}", &["500", "panic", "cancelled"]);
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
use crate::instrument::{Declared, IncrementGuard};
use route::Route;

/// The status of a request whose client disconnected before the end of the response.
pub(crate) const CANCELLED: &str = "cancelled";

/// The status of a request that ended with a panic.
pub(crate) const PANIC: &str = "panic";

/// The method of a request that was dropped before its method was known, and of a request with an unknown method.
pub(crate) const OTHER: &str = "_OTHER";

static EDGE: Slots<Edge> = Slots::new();

/// Whether a layer was built in this process.
static IS_BUILT: AtomicBool = AtomicBool::new(false);

/// Called when a layer is built: creates the known series of the edge at 0.
pub(crate) fn on_layer_built() {
    if !IS_BUILT.swap(true, Ordering::AcqRel) {
        let metrics = [
            REQUESTS.declared(),
            REQUEST_DURATION.declared(),
            CONNECTIONS_ACTIVE.declared(),
            REQUEST_SIZE.declared(),
            RESPONSE_SIZE.declared(),
            API_LATENCY.declared(),
        ];
        // This covers an earlier `init`. A later one calls `is_built`.
        scoped::outside(|| metrics.iter().for_each(|Declared(metric)| metric.zero()));
    }
}

/// Whether the edge's known series exist from the start.
pub(crate) fn is_built() -> bool {
    IS_BUILT.load(Ordering::Acquire)
}

/// The series of the edge since one `init`, by method and route.
struct Edge {
    binding: Arc<Binding>,
    routes: Sparse<Route>,
    /// For layers with the label `status` on the histogram of durations.
    with_status_label: Sparse<Route>,
}

impl Edge {
    fn current() -> Option<&'static Self> {
        EDGE.get(&|binding| {
            // The limit is the highest cap of the histograms. If all histograms are dropped, routes are still needed for the other
            // metrics.
            let histograms = [REQUEST_DURATION::DEF, REQUEST_SIZE::DEF, RESPONSE_SIZE::DEF];
            let caps = histograms.into_iter().flat_map(|def| binding.streams_of(def, None)).map(|stream| stream.cap);
            let cap = caps.max().unwrap_or(REQUEST_DURATION::DEF.cap);
            let routes = || Sparse::new(cap, REQUEST_DURATION::DEF.labels, &|_| true);
            Self { binding: binding.clone(), routes: routes(), with_status_label: routes() }
        })
    }

    fn route(&'static self, method: &str, route: &str, options: EdgeOptions) -> Option<&'static Route> {
        let routes = if options.status_label { &self.with_status_label } else { &self.routes };
        routes.get(&[method, route], &|values| Route::bind(&self.binding, values, options))
    }
}

/// Creates the series of a method and route at 0, with these statuses. Does nothing before `init`.
#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
pub(crate) fn declare(method: &str, route: &str, statuses: &[&str], options: EdgeOptions) {
    if let Some(route) = Edge::current().and_then(|edge| edge.route(method, route, options)) {
        route.declare(statuses);
    }
}

/// The options of a layer that concern the metrics of the edge.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EdgeOptions {
    /// Record the summary of durations in addition to the histogram.
    pub(crate) summary: bool,
    /// Add the label `status` to the histogram of durations.
    pub(crate) status_label: bool,
}

/// The state of a request that the reader of its body, possibly another task, and other layers share.
#[derive(Debug, Default)]
pub struct RequestState {
    bytes: AtomicU64,
    body_failed: AtomicBool,
    taken_over: AtomicBool,
}

impl RequestState {
    /// Counts bytes that were read.
    pub(crate) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Records that the body ended with an error: the client disconnected or violated the protocol.
    pub(crate) fn set_body_failed(&self) {
        self.body_failed.store(true, Ordering::Relaxed);
    }

    /// Records that another layer counts the request, or that none does.
    pub(crate) fn take_over(&self) {
        self.taken_over.store(true, Ordering::Relaxed);
    }
}

/// How a request ended, for metrics in addition to those of the edge.
pub(crate) struct EndedRequest<'s> {
    /// The status of the protocol, [`CANCELLED`] or [`PANIC`].
    pub(crate) status: &'s str,
    /// The route; empty if none matched.
    pub(crate) route: &'s str,
    /// From the start to the end, in seconds.
    pub(crate) seconds: f64,
    /// Bytes of the request's body that were read.
    pub(crate) received: u64,
    /// Bytes of the response body that were sent.
    pub(crate) sent: u64,
}

/// A request in flight. [`end`](Self::end) counts it, unless another layer has taken it over. A request that starts before `init` is not
/// counted.
#[must_use = "a request is counted at its end"]
pub(crate) struct Request {
    /// `None` before `init`.
    edge: Option<&'static Edge>,
    options: EdgeOptions,
    route: Option<&'static Route>,
    /// The label `method` of the summary. It has a value even if the routes overflow.
    method: Cow<'static, str>,
    start: u64,
    received: Option<Arc<RequestState>>,
    /// `None` if an outer layer counts the request as in flight.
    _active: Option<IncrementGuard>,
}

impl Request {
    /// Starts a request and counts it as in flight.
    pub(crate) fn start(options: EdgeOptions) -> Self {
        Self { _active: Some(CONNECTIONS_ACTIVE.increment_guard(())), ..Self::take_over(options) }
    }

    /// Starts a request that another layer counts as in flight.
    pub(crate) fn take_over(options: EdgeOptions) -> Self {
        let edge = Edge::current();
        Self {
            edge,
            options,
            route: None,
            method: Cow::Borrowed(OTHER),
            start: edge.map_or(0, |edge| edge.binding.clock().raw()),
            received: None,
            _active: None,
        }
    }

    /// Sets the method, from a bounded set, and the template of the route, which is empty if none matches.
    ///
    /// A later call replaces the earlier values. The first request of a route creates the counters of the `declared` statuses at 0, so
    /// that a rate sees the first failure.
    pub(crate) fn set_route(&mut self, method: &str, route: &str, declared: &[&str]) {
        let Some(edge) = self.edge else { return };
        self.route = edge.route(method, route, self.options);
        let Some(route) = self.route else { return };
        self.method = match &route.labels {
            Some([method, _]) => Cow::Borrowed(method),
            None => Cow::Owned(method.to_owned()),
        };
        route.declare(declared);
    }

    /// The state that the reader of the request's body updates. If it is never called, the request received 0 bytes.
    pub(crate) fn received(&mut self) -> Arc<RequestState> {
        self.received.get_or_insert_default().clone()
    }

    /// The number of bytes of the request's body that were read so far.
    pub(crate) fn received_so_far(&self) -> u64 {
        self.received.as_ref().map_or(0, |received| received.bytes.load(Ordering::Relaxed))
    }

    /// Whether the request's body ended with an error.
    pub(crate) fn body_failed(&self) -> bool {
        self.received.as_ref().is_some_and(|received| received.body_failed.load(Ordering::Relaxed))
    }

    /// Whether another layer counts the request.
    pub(crate) fn is_taken_over(&self) -> bool {
        self.received.as_ref().is_some_and(|received| received.taken_over.load(Ordering::Relaxed))
    }

    /// Ends the request with a status of its protocol. `sent` is the number of bytes sent. Returns `None` if it started before `init`.
    pub(crate) fn end(mut self, status: &str, sent: u64) -> Option<EndedRequest<'_>> {
        let edge = self.edge?;
        let clock = edge.binding.clock();
        let seconds = clock.delta_as_nanos(self.start, clock.raw()) as f64 / 1e9;
        let received = self.received_so_far();
        if !self.is_taken_over() {
            if self.route.is_none() {
                self.set_route(OTHER, "", &[]);
            }
            if let Some(route) = self.route {
                route.record(seconds, received, sent, status);
            }
            if self.options.summary {
                API_LATENCY.record(seconds, API_LATENCY { method: &self.method });
            }
        }
        let route = self.route.and_then(|route| route.labels.as_ref()).map_or("", |[_, route]| route);
        Some(EndedRequest { status, route, seconds, received, sent })
    }
}
