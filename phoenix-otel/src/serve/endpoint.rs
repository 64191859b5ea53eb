//! The routes, as a service that any router can mount.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use tokio::sync::Semaphore;

use crate::error::ScrapeError;
use crate::export::prometheus::{Format, negotiate};
use crate::report::report;

use super::response;

/// Where the endpoint takes its data from.
pub(crate) trait Source: Send + Sync + 'static {
    /// Collects and encodes. It is called on a thread that may block, several times at once.
    ///
    /// # Errors
    ///
    /// When there is nothing to show; the scrape then fails with the error's text.
    fn encode(&self, format: Format) -> Result<Vec<u8>, ScrapeError>;

    /// A scrape was answered with this status; with none where who asked left before.
    fn scraped(&self, status: Option<StatusCode>, took: Duration);

    /// How the telemetry is. It is called on an async thread, so it must neither block nor collect.
    fn health(&self) -> Health;
}

/// What `/healthz` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Health {
    /// Whether the answer is 200; else it is 503.
    pub healthy: bool,
    /// The body: plain text, a line per thing to know.
    pub body: String,
}

/// The paths that the endpoint answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paths {
    /// The exposition.
    pub metrics: String,
    /// The health of the telemetry.
    pub health: String,
}

impl Default for Paths {
    fn default() -> Self {
        Paths { metrics: "/metrics".to_owned(), health: "/healthz".to_owned() }
    }
}

/// Scrapes that run at once. More would only wait for the SDK's locks, each on a thread of its own.
const CONCURRENT_SCRAPES: usize = 4;

/// The scrape endpoint as a `tower` service: `/metrics` and `/healthz` by GET and HEAD.
///
/// It is cheap to clone and never fails. Collecting runs on a blocking thread where there is a Tokio runtime, and in place where there is none.
#[derive(Clone)]
pub struct Endpoint {
    source: Arc<dyn Source>,
    paths: Arc<Paths>,
    scrapes: Arc<Semaphore>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// An endpoint on `/metrics` and `/healthz`.
    #[must_use]
    pub(crate) fn new(source: Arc<dyn Source>) -> Self {
        Endpoint::with_paths(source, Paths::default())
    }

    /// An endpoint on paths of one's own.
    #[must_use]
    pub(crate) fn with_paths(source: Arc<dyn Source>, paths: Paths) -> Self {
        Endpoint { source, paths: Arc::new(paths), scrapes: Arc::new(Semaphore::new(CONCURRENT_SCRAPES)) }
    }

    /// Answers a request, given what of it matters.
    async fn answer(
        self,
        method: Method,
        path: String,
        accept: String,
        accept_encoding: String,
    ) -> Response<Full<Bytes>> {
        let is_metrics = path == self.paths.metrics;
        if !is_metrics && path != self.paths.health {
            return response::not_found(&method, &self.paths);
        }
        if method != Method::GET && method != Method::HEAD {
            return response::method_not_allowed();
        }
        if is_metrics {
            let format = negotiate::format(Some(&accept));
            let mut scrape = Scrape { source: self.source.clone(), begun: Instant::now(), status: None };
            let response = self.scrape(&method, format, negotiate::gzip(Some(&accept_encoding))).await;
            scrape.status = Some(response.status());
            response
        } else {
            match catch_unwind(AssertUnwindSafe(|| self.source.health())) {
                Ok(health) => response::health(&method, health),
                Err(panic) => panicked(&method, &*panic),
            }
        }
    }

    async fn scrape(self, method: &Method, format: Format, gzip: bool) -> Response<Full<Bytes>> {
        let Ok(permit) = self.scrapes.acquire_owned().await else {
            return response::plain(method, StatusCode::SERVICE_UNAVAILABLE, "the endpoint is closed\n");
        };
        let source = self.source;
        let encode = move || {
            // The permit goes with the work: a client that leaves does not make room for another collection beside this one.
            let _permit = permit;
            let body = source.encode(format)?;
            Ok(if gzip { response::compress(body) } else { (body, false) })
        };
        let outcome = match tokio::runtime::Handle::try_current() {
            Ok(runtime) => match runtime.spawn_blocking(encode).await {
                Ok(outcome) => outcome,
                Err(error) if error.is_panic() => return panicked(method, &*error.into_panic()),
                Err(_) => Err(ScrapeError::ShutDown),
            },
            Err(_) => match catch_unwind(AssertUnwindSafe(encode)) {
                Ok(outcome) => outcome,
                Err(panic) => return panicked(method, &*panic),
            },
        };
        match outcome {
            Ok((body, compressed)) => response::exposition(method, format, body, compressed),
            Err(error) => {
                report!(WARN, { error = error.to_string() }, "a scrape failed");
                let status = match error {
                    ScrapeError::NotConfigured => StatusCode::NOT_FOUND,
                    ScrapeError::ShutDown => StatusCode::SERVICE_UNAVAILABLE,
                    ScrapeError::Collect(_) => StatusCode::INTERNAL_SERVER_ERROR,
                };
                response::plain(method, status, &format!("{error}\n"))
            }
        }
    }
}

/// A scrape under way, which is told when it ends, also where who asked leaves.
struct Scrape {
    source: Arc<dyn Source>,
    begun: Instant,
    status: Option<StatusCode>,
}

impl Drop for Scrape {
    fn drop(&mut self) {
        self.source.scraped(self.status, self.begun.elapsed());
    }
}

/// The panic's text goes to the log only: it is the service's, and the endpoint may be open to others.
fn panicked(method: &Method, panic: &(dyn Any + Send)) -> Response<Full<Bytes>> {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let panic = text.unwrap_or("of unknown type");
    report!(ERROR, { panic }, "collecting metrics panicked; an observable instrument's callback is the likely cause");
    response::plain(method, StatusCode::INTERNAL_SERVER_ERROR, "collecting metrics panicked; see the service's log\n")
}

/// A header given several times is a list in several lines (RFC 9110, section 5.3).
fn list(headers: &HeaderMap, name: &HeaderName) -> String {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

impl<B> tower_service::Service<Request<B>> for Endpoint {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let headers = request.headers();
        let (accept, accept_encoding) = (list(headers, &ACCEPT), list(headers, &ACCEPT_ENCODING));
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = self.clone().answer(method, path, accept, accept_encoding);
        Box::pin(async { Ok(answer.await) })
    }
}
