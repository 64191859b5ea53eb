//! A stretch of a call, watched for the span that it runs in.

use super::call::Call;
use crate::exemplar::Watch;

/// Notes, when it is dropped, which span was left meanwhile; by a panic, too.
pub(super) struct Watched<'c> {
    call: &'c mut Call,
    watch: Watch,
}

impl<'c> Watched<'c> {
    #[inline]
    pub(super) fn start(call: &'c mut Call) -> Self {
        Self { call, watch: Watch::start() }
    }
}

impl Drop for Watched<'_> {
    #[inline]
    fn drop(&mut self) {
        self.watch.see(self.call.noted());
    }
}
