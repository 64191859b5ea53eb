//! Stub without the live page.

use std::sync::Arc;

use super::reader::Tap;
use crate::config::Page;
use crate::view::Streams;

/// Empty: there is no page.
pub(crate) struct Unseen;

/// Empty: there is no page.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) settings: Page,
}

impl Live {
    pub(crate) fn new(settings: Page, _: Arc<Streams>, _: Unseen) -> Arc<Self> {
        Arc::new(Self { settings })
    }

    pub(crate) fn tap(self: &Arc<Self>) -> Option<Arc<dyn Tap>> {
        None
    }
}
