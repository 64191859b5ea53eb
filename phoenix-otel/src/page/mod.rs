//! The live page: its files, and the interface that its scripts read. `docs/page.md` describes both.
//!
//! It knows no HTTP server: [`serve`](crate::serve) asks it by path, and answers.

mod assets;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};

use crate::config::PageOn;
use crate::error::ScrapeError;
use crate::export::live::Live;
use crate::export::scrape::Served;
use crate::lock::lock;
pub(crate) use assets::Asset;

/// The live page of one endpoint.
#[derive(Clone)]
pub(crate) struct Page {
    live: Arc<Live>,
    served: Arc<Served>,
    /// Ten who look are no reason for ten collections.
    collecting: Arc<Mutex<()>>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    File(&'static Asset),
    Interface(Call),
}

/// A call of the interface, which may collect and so block.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// The last minutes: of which instance, from which frame and which series on.
    History { instance: String, frame: u64, series: usize },
    /// All metrics of now.
    Metrics,
    /// What does not change while the service runs.
    About,
}

/// Where the endpoint is that shows the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A listener on loopback alone.
    Loopback,
    /// Any other listener, or a router of the service's own, of which nobody knows who can reach it.
    Anywhere,
}

impl Page {
    /// The page over an endpoint's metrics; `None` where the settings want none.
    pub(crate) fn new(live: &Arc<Live>, served: &Arc<Served>) -> Option<Self> {
        let is_on = live.settings.on != PageOn::Nowhere;
        is_on.then(|| Self { live: live.clone(), served: served.clone(), collecting: Arc::default() })
    }

    /// Whether the page is to be shown there. The history begins where it is.
    pub(crate) fn shows(&self, place: Place) -> bool {
        let shows = self.live.settings.on == PageOn::Everywhere || place == Place::Loopback;
        if shows {
            self.live.show();
        }
        shows
    }

    /// Origins that may read the interface, and that the page may read.
    pub(crate) fn origins(&self) -> &[String] {
        &self.live.settings.origins
    }

    /// What a path and a query ask for, if it is of the page.
    pub(crate) fn asked(&self, path: &str, query: &str) -> Option<Asked> {
        let Some(call) = path.strip_prefix("/api/v1/") else { return assets::find(path).map(Asked::File) };
        let call = match call {
            "history" => Call::History {
                instance: parameter(query, "instance").to_owned(),
                frame: parameter(query, "frame").parse().unwrap_or(u64::MAX),
                series: parameter(query, "series").parse().unwrap_or(0),
            },
            "metrics" => Call::Metrics,
            "about" => Call::About,
            _ => return None,
        };
        Some(Asked::Interface(call))
    }

    /// The type and the body of an answer. It may collect, which may block.
    ///
    /// # Errors
    ///
    /// Where there is nothing to collect from, or collecting fails.
    pub(crate) fn answer(&self, call: &Call) -> Result<(&'static str, Vec<u8>), ScrapeError> {
        const JSON: &str = "application/json; charset=utf-8";
        match call {
            Call::History { instance, frame, series } => {
                self.collect()?;
                let health = self.served.all_health().to_string();
                Ok((JSON, self.live.history(instance, *frame, *series, &health).into_bytes()))
            }
            Call::Metrics => self.served.show(),
            Call::About => Ok((JSON, self.live.about().into_bytes())),
        }
    }

    /// Lets the history have a moment that is new.
    fn collect(&self) -> Result<(), ScrapeError> {
        let _one_at_a_time = lock(&self.collecting);
        if !self.live.is_due() {
            return Ok(());
        }
        match self.served.collect() {
            // Without an exporter of totals there is no history, and all else is there.
            Err(ScrapeError::NotConfigured) => Ok(()),
            collected => collected,
        }
    }

    /// The policy of the page's files: nothing but they themselves, and the interface of this origin and those of the settings.
    pub(crate) fn policy(&self) -> Cow<'static, str> {
        const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'";
        match self.origins() {
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

/// A parameter's value, which needs no decoding here; empty where there is none.
fn parameter<'q>(query: &'q str, name: &str) -> &'q str {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default()
}
