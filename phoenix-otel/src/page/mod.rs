//! The live page: its files, and the interface that its scripts use. `docs/page.md` describes both.
//!
//! It does not depend on an HTTP server: [`serve`](crate::serve) passes the path of a request and sends the response.

mod assets;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};

use crate::config::PageOn;
use crate::error::ScrapeError;
use crate::export::live::Live;
use crate::export::scrape::EndpointData;
use crate::lock::lock;
pub(crate) use assets::Asset;

/// The live page of one endpoint.
#[derive(Clone)]
pub(crate) struct Page {
    live: Arc<Live>,
    data: Arc<EndpointData>,
    /// Serialises collections, so that several viewers share one collection.
    collecting: Arc<Mutex<()>>,
}

/// A request for the page.
#[derive(Clone, Debug)]
pub(crate) enum PageRequest {
    File(&'static Asset),
    Api(ApiCall),
}

/// A call of the interface. It may collect, which may block.
#[derive(Clone, Debug)]
pub(crate) enum ApiCall {
    /// The history of the last minutes: of this instance, after this frame and series.
    History { instance: String, frame: u64, series: usize },
    /// All current metrics.
    Metrics,
    /// The information that does not change while the service runs.
    About,
}

/// Which clients can reach the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// The endpoint listens on loopback only.
    Loopback,
    /// Any other listener that serves known clients only: those with a password, a token or a certificate.
    Authenticated,
    /// Any other listener, or a router of the service: the clients are not known.
    Anywhere,
}

impl Page {
    /// The page of an endpoint. `None` if the settings disable it.
    pub(crate) fn new(live: &Arc<Live>, data: &Arc<EndpointData>) -> Option<Self> {
        let is_on = live.settings.on != PageOn::Nowhere;
        is_on.then(|| Self { live: live.clone(), data: data.clone(), collecting: Arc::default() })
    }

    /// Whether the page is served to these clients. If so, the history starts.
    pub(crate) fn shows(&self, visibility: Visibility) -> bool {
        let shows = match self.live.settings.on {
            PageOn::Nowhere => false,
            PageOn::Loopback => visibility == Visibility::Loopback,
            PageOn::Authenticated => visibility != Visibility::Anywhere,
            PageOn::Everywhere => true,
        };
        if shows {
            self.live.enable();
        }
        shows
    }

    /// The request for this path and query. `None` if the path is not part of the page.
    pub(crate) fn request(&self, path: &str, query: &str) -> Option<PageRequest> {
        let Some(call) = path.strip_prefix("/api/v1/") else { return assets::find(path).map(PageRequest::File) };
        let call = match call {
            "history" => ApiCall::History {
                instance: parameter(query, "instance").to_owned(),
                frame: parameter(query, "frame").parse().unwrap_or(u64::MAX),
                series: parameter(query, "series").parse().unwrap_or(0),
            },
            "metrics" => ApiCall::Metrics,
            "about" => ApiCall::About,
            _ => return None,
        };
        Some(PageRequest::Api(call))
    }

    /// Whether all requests that wait for the response share it.
    pub(crate) fn is_shared(&self, call: &ApiCall) -> bool {
        matches!(call, ApiCall::Metrics)
    }

    /// The content type and the body of a response. It may collect, which may block.
    ///
    /// # Errors
    ///
    /// Fails if no exporter has cumulative temporality, or if the collection fails.
    pub(crate) fn answer(&self, call: &ApiCall) -> Result<(&'static str, Vec<u8>), ScrapeError> {
        const JSON: &str = "application/json; charset=utf-8";
        match call {
            ApiCall::History { instance, frame, series } => {
                self.collect()?;
                let health = self.data.all_health().to_string();
                Ok((JSON, self.live.history(instance, *frame, *series, &health).into_bytes()))
            }
            ApiCall::Metrics => self.data.openmetrics(),
            ApiCall::About => Ok((JSON, self.live.about().into_bytes())),
        }
    }

    /// Collects for the history, if its newest frame is old enough.
    fn collect(&self) -> Result<(), ScrapeError> {
        let _one_at_a_time = lock(&self.collecting);
        if !self.live.is_due() {
            return Ok(());
        }
        match self.data.collect() {
            // Without an exporter with cumulative temporality there is no history, but the rest works.
            Err(ScrapeError::NotConfigured) => Ok(()),
            collected => collected,
        }
    }

    /// The content security policy of the page: only its own files, the interface of this origin, and the configured origins.
    pub(crate) fn policy(&self) -> Cow<'static, str> {
        const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'";
        match &*self.live.settings.origins {
            [] => POLICY.into(),
            origins => format!("{POLICY} {}", origins.join(" ")).into(),
        }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("live", &self.live).finish_non_exhaustive()
    }
}

/// The value of a query parameter; empty if it is missing. The values need no decoding.
fn parameter<'q>(query: &'q str, name: &str) -> &'q str {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default()
}
