//! Stub without the live page.

use std::sync::Arc;

use super::reader::CollectionObserver;
use crate::config::Page;
use crate::view::Streams;

/// Empty: there is no page.
pub(crate) struct NoPageData;

/// Empty: there is no page.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) settings: Page,
}

impl Live {
    pub(crate) fn new(settings: Page, _: Arc<Streams>, _: NoPageData) -> Arc<Self> {
        Arc::new(Self { settings })
    }

    pub(crate) fn observer(self: &Arc<Self>) -> Option<Arc<dyn CollectionObserver>> {
        None
    }
}
