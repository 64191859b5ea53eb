//! The routes of the endpoint, as a service that any router can mount.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;

use crate::error::ScrapeError;
use crate::export::prometheus::{MediaType, negotiate};
use crate::page::{Page, PageRequest, Visibility};
use crate::unmeasured::Unmeasured;

use super::access::{Access, Admission};
use super::collections::{Collections, Failure};
use super::connections::Clients;
use super::head::RequestHead;
use super::timed_io::Phase;
use super::{hosts, response};

/// The source of the data of an endpoint.
pub(crate) trait Source: Send + Sync + 'static {
    /// Collects and encodes. It is called on a thread that may block, several times at once.
    ///
    /// # Errors
    ///
    /// If there is nothing to show. The scrape fails with the text of the error.
    fn encode(&self, media_type: MediaType) -> Result<Vec<u8>, ScrapeError>;

    /// A scrape got a response with this status, or the client disconnected before (`None`).
    fn scraped(&self, status: Option<StatusCode>, took: Duration);

    /// The health of the telemetry. It is called on an async thread, so it must neither block nor collect.
    fn health(&self) -> Health;
}

/// The response of `/healthz`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Health {
    /// Whether the status is 200. Otherwise it is 503.
    pub healthy: bool,
    /// The body: plain text, one line for each exporter.
    pub body: String,
}

/// The paths that the endpoint serves.
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

/// The scrape endpoint as a `tower` service. It serves `/metrics` and `/healthz` for GET and HEAD, and the live page at `/` if the page is
/// enabled.
///
/// In a router of the service it serves each path that ends with `/metrics` or `/healthz`, so it can be mounted under any prefix. The HTTP layer
/// does not count these requests. Exception: if the path is a route of the router, the layer recognises such a request only by its response. Until
/// then it counts the request as in flight, and it creates the series of the route at 0. To avoid both, pass the path to `skip` of the layer.
///
/// It is cheap to clone and never fails. Collections run on a blocking thread if there is a Tokio runtime, otherwise in place.
#[derive(Clone)]
pub struct Endpoint {
    source: Arc<dyn Source>,
    paths: Arc<Paths>,
    collections: Arc<Collections>,
    /// The clients of the listener that serves it.
    readers: Option<Clients>,
    /// Who may use the listener that serves it; `None` for everyone.
    access: Option<Arc<Access>>,
    page: Option<Page>,
    /// Host names that requests may use.
    hosts: Arc<[String]>,
    /// Origins of pages of other sites that may send requests.
    origins: Arc<[String]>,
    /// Whether it is in a router of the service, perhaps under another path.
    is_mounted: bool,
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

    /// An endpoint on these paths.
    #[must_use]
    pub(crate) fn with_paths(source: Arc<dyn Source>, paths: Paths) -> Self {
        let (collections, readers, access, page) = Default::default();
        let (paths, hosts, origins) = (Arc::new(paths), Arc::default(), Arc::default());
        Endpoint { source, paths, collections, readers, access, page, hosts, origins, is_mounted: false }
    }

    /// Adds host names that requests may use, in addition to those of loopback.
    #[must_use]
    pub(crate) fn with_hosts(self, hosts: &[String]) -> Self {
        Endpoint { hosts: hosts.into(), ..self }
    }

    /// Adds origins of pages of other sites that may send requests.
    #[must_use]
    pub(crate) fn with_origins(self, origins: &[String]) -> Self {
        Endpoint { origins: origins.into(), ..self }
    }

    /// Adds the clients of the listener. Those that read nothing are disconnected to make room for responses.
    #[must_use]
    pub(super) fn with_readers(self, readers: Clients) -> Self {
        Endpoint { readers: Some(readers), ..self }
    }

    /// Sets who may use it.
    #[must_use]
    pub(crate) fn with_access(self, access: Option<Arc<Access>>) -> Self {
        Endpoint { access, ..self }
    }

    /// Who may use it; `None` for everyone.
    pub(super) fn access(&self) -> Option<&Arc<Access>> {
        self.access.as_ref()
    }

    /// Adds the live page. It is served once the visibility of the endpoint is known and allows it.
    #[must_use]
    pub(crate) fn with_page(self, page: Option<Page>) -> Self {
        Endpoint { page, ..self }
    }

    /// Sets which clients can reach the endpoint.
    #[must_use]
    pub(crate) fn with_visibility(self, visibility: Visibility) -> Self {
        Endpoint { page: self.page.filter(|page| page.shows(visibility)), ..self }
    }

    /// The endpoint for a router of the service.
    #[must_use]
    pub(crate) fn mounted(self) -> Self {
        Endpoint { is_mounted: true, ..self.with_visibility(Visibility::Anywhere) }
    }

    /// Serves the metrics at this path instead of `/metrics`.
    ///
    /// ```no_run
    /// # fn route<S>(_: &str, _: S) {}
    /// let telemetry = phoenix_otel::builder("orchestrator").without_listener().init()?;
    /// // axum: Router::new().route_service("/internal/prometheus", …)
    /// route("/internal/prometheus", telemetry.router().metrics_path("/internal/prometheus"));
    /// # Ok::<(), phoenix_otel::InitError>(())
    /// ```
    #[must_use]
    pub fn metrics_path(self, path: impl Into<String>) -> Self {
        let paths = Paths { metrics: absolute(path.into()), ..(*self.paths).clone() };
        Endpoint { paths: Arc::new(paths), ..self }
    }

    /// Serves the health at this path instead of `/healthz`.
    #[must_use]
    pub fn health_path(self, path: impl Into<String>) -> Self {
        let paths = Paths { health: absolute(path.into()), ..(*self.paths).clone() };
        Endpoint { paths: Arc::new(paths), ..self }
    }

    /// Whether a request for `path` is a request for `own`.
    fn serves(&self, path: &str, own: &str) -> bool {
        path == own || (self.is_mounted && path.ends_with(own))
    }

    /// Whether a request for `path` is a scrape. In a router, the path of the page's metrics ends with the path of the metrics, too.
    fn is_scrape(&self, path: &str, is_page: bool) -> bool {
        path == self.paths.metrics || (!is_page && self.serves(path, &self.paths.metrics))
    }

    /// The phase of a connection until this request has its response.
    pub(super) fn phase<B>(&self, request: &Request<B>) -> Phase {
        let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
        let is_page = self.page.as_ref().is_some_and(|page| page.request(path, query).is_some());
        if self.is_scrape(path, is_page) {
            Phase::Scrape
        } else if is_page {
            Phase::Page
        } else {
            Phase::Prompt
        }
    }

    /// The response to a request while too many others wait for their responses.
    pub(super) fn refuse<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        if self.phase(request) == Phase::Scrape {
            self.source.scraped(Some(status), Duration::ZERO);
        }
        response::plain(request.method(), status, "too many requests wait for their responses; try again later\n")
    }

    /// Responds to a request, if the client may send it.
    async fn admit(self, request: RequestHead) -> Response<Full<Bytes>> {
        // RFC 9112, section 3.2. A proxy may have checked another one.
        if request.has_several_hosts {
            return response::plain(&request.method, StatusCode::BAD_REQUEST, "the request has several Host headers\n");
        }
        let Some(access) = &self.access else { return self.answer(request).await };
        match access.admit(&request).await {
            Admission::Full(headers) => response::with_headers(self.answer(request).await, &headers),
            Admission::OnlyHealth(_) if self.is_health(&request) => {
                response::bare_health(&request.method, self.source.health().healthy)
            }
            Admission::OnlyHealth(refusal) | Admission::Refused(refusal) => refusal,
        }
    }

    /// Whether the request reads the health.
    fn is_health(&self, request: &RequestHead) -> bool {
        let reads = [Method::GET, Method::HEAD].contains(&request.method);
        reads && self.serves(&request.path, &self.paths.health) && !self.serves(&request.path, &self.paths.metrics)
    }

    /// Responds to a request.
    async fn answer(self, request: RequestHead) -> Response<Full<Bytes>> {
        let method = &request.method;
        let page = self.page.clone().and_then(|page| Some((page.request(&request.path, &request.query)?, page)));
        // The host name is checked for all requests that arrive over loopback, also if the endpoint listens on all addresses, and for all requests
        // to the page.
        let is_guarded = request.is_over_loopback || page.is_some();
        if is_guarded && !hosts::admits(request.host.as_deref(), &self.hosts) {
            return response::refused(method);
        }
        let is_metrics = self.is_scrape(&request.path, page.is_some());
        if !is_metrics && page.is_none() && !self.serves(&request.path, &self.paths.health) {
            return response::not_found(method, &self.paths, self.page.is_some());
        }
        if method != Method::GET && method != Method::HEAD {
            return response::method_not_allowed();
        }
        if is_metrics {
            if !request.is_navigation && request.is_of_other_site(&self.origins) {
                return response::refused_site(method);
            }
            let media_type = negotiate::media_type(Some(&request.accept));
            let mut scrape = Scrape { source: self.source.clone(), begun: Instant::now(), status: None };
            let response = self.scrape(method, media_type, request.gzip).await;
            scrape.status = Some(response.status());
            response
        } else if let Some((asked, page)) = page {
            self.page(request, asked, page).await
        } else {
            match catch_unwind(AssertUnwindSafe(|| self.source.health())) {
                Ok(health) => response::health(method, health),
                Err(panic) => response::failed(method, &Failure::panicked(&*panic)),
            }
        }
    }

    /// Responds with a file of the live page, or calls its interface.
    async fn page(self, request: RequestHead, asked: PageRequest, page: Page) -> Response<Full<Bytes>> {
        let method = &request.method;
        match asked {
            PageRequest::File(asset) => {
                if let Some(address) = request.with_slash() {
                    return response::moved(method, &address);
                }
                let tag = asset.tag(request.gzip);
                if request.has(&tag) {
                    return response::not_modified(&tag);
                }
                response::file(method, asset, request.gzip, &tag, &page.policy())
            }
            PageRequest::Api(call) => {
                if request.is_of_other_site(&self.origins) {
                    return response::refused_site(method);
                }
                let of_other = request.origin.filter(|origin| self.origins.contains(origin));
                let (gzip, readers, shared) = (request.gzip, self.readers.as_ref(), page.is_shared(&call));
                let answer = move || page.answer(&call);
                let outcome = match shared {
                    true => self.collections.page_metrics(gzip, readers, answer).await,
                    false => self.collections.page(gzip, readers, answer).await,
                };
                let response = match outcome {
                    Ok(encoded) => response::interface(method, encoded),
                    Err(failure) => response::failed(method, &failure),
                };
                response::readable_by(response, of_other.as_deref())
            }
        }
    }

    async fn scrape(&self, method: &Method, media_type: MediaType, gzip: bool) -> Response<Full<Bytes>> {
        let source = self.source.clone();
        let encode = move || source.encode(media_type);
        match self.collections.exposition((media_type, gzip), self.readers.as_ref(), encode).await {
            Ok(encoded) => response::exposition(method, encoded),
            Err(failure) => response::failed(method, &failure),
        }
    }
}

/// Adds the leading slash if it is missing.
fn absolute(path: String) -> String {
    if path.starts_with('/') { path } else { format!("/{path}") }
}

/// A running scrape. It is reported when it ends, even if the client disconnects.
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

impl<B> tower_service::Service<Request<B>> for Endpoint {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let answer = self.clone().admit(RequestHead::of(&request));
        Box::pin(async {
            let mut response = answer.await;
            // The endpoint may be the fallback of a router. Then a request for an unknown path is traffic of the service.
            if response.status() != StatusCode::NOT_FOUND {
                response.extensions_mut().insert(Unmeasured);
            }
            Ok(response)
        })
    }
}
