//! What stands in where the live page is not built in.

use std::sync::Arc;

use super::reader::Tap;
use crate::config::Page;
use crate::view::Streams;

/// What nobody will see.
pub(crate) struct Unseen;

/// Nothing to show.
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
