//! Stub without the live page.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;

use crate::error::ScrapeError;
use crate::export::live::Live;
use crate::export::scrape::Served;

/// Never constructed.
#[derive(Clone, Debug)]
pub(crate) struct Page(Infallible);

#[derive(Clone, Debug)]
pub(crate) enum Asked {
    File(&'static Asset),
    Interface(Call),
}

/// Never constructed.
pub(crate) type Call = Infallible;

/// Never constructed.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) content_type: &'static str,
    pub(crate) gzip: &'static [u8],
}

/// Who can reach the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Loopback,
    Anywhere,
}

impl Asset {
    pub(crate) fn tag(&self) -> String {
        String::new()
    }

    pub(crate) fn plain(&self) -> Vec<u8> {
        Vec::new()
    }
}

impl Page {
    pub(crate) fn new(_: &Arc<Live>, _: &Arc<Served>) -> Option<Self> {
        None
    }

    pub(crate) fn shows(&self, _: Place) -> bool {
        match self.0 {}
    }

    pub(crate) fn origins(&self) -> &[String] {
        match self.0 {}
    }

    pub(crate) fn asked(&self, _: &str, _: &str) -> Option<Asked> {
        match self.0 {}
    }

    pub(crate) fn answer(&self, _: &Call) -> Result<(&'static str, Vec<u8>), ScrapeError> {
        match self.0 {}
    }

    pub(crate) fn policy(&self) -> Cow<'static, str> {
        match self.0 {}
    }
}
