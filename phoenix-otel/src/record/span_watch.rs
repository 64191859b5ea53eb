//! Finds the span in which a call runs.

use super::call::Call;
use crate::exemplar::SpanWatch;

/// An RAII guard. When it is dropped, also by a panic, it stores the span that was exited since its start.
pub(super) struct SpanWatchGuard<'c> {
    call: &'c mut Call,
    watch: SpanWatch,
}

impl<'c> SpanWatchGuard<'c> {
    #[inline]
    pub(super) fn start(call: &'c mut Call) -> Self {
        Self { call, watch: SpanWatch::start() }
    }
}

impl Drop for SpanWatchGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.watch.store_in(self.call.call_span());
    }
}
