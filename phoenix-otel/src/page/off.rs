//! Stub without the live page.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;

use crate::error::ScrapeError;
use crate::export::live::Live;
use crate::export::scrape::EndpointData;

/// Never constructed.
#[derive(Clone, Debug)]
pub(crate) struct Page(Infallible);

#[derive(Clone, Debug)]
pub(crate) enum PageRequest {
    File(&'static Asset),
    Api(ApiCall),
}

/// Never constructed.
pub(crate) type ApiCall = Infallible;

/// Never constructed.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) content_type: &'static str,
    pub(crate) gzip: &'static [u8],
}

/// Which clients can reach the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    Loopback,
    Authenticated,
    Anywhere,
}

impl Asset {
    pub(crate) fn tag(&self, _: bool) -> String {
        String::new()
    }

    pub(crate) fn plain(&self) -> Vec<u8> {
        Vec::new()
    }
}

impl Page {
    pub(crate) fn new(_: &Arc<Live>, _: &Arc<EndpointData>) -> Option<Self> {
        None
    }

    pub(crate) fn shows(&self, _: Visibility) -> bool {
        match self.0 {}
    }

    pub(crate) fn is_shared(&self, _: &ApiCall) -> bool {
        match self.0 {}
    }

    pub(crate) fn request(&self, _: &str, _: &str) -> Option<PageRequest> {
        match self.0 {}
    }

    pub(crate) fn answer(&self, _: &ApiCall) -> Result<(&'static str, Vec<u8>), ScrapeError> {
        match self.0 {}
    }

    pub(crate) fn policy(&self) -> Cow<'static, str> {
        match self.0 {}
    }
}
