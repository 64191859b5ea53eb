//! Finds the span in which a call runs.

use super::call::Call;
use crate::exemplar::Watch;

/// An RAII guard. When it is dropped, by a panic too, it stores the span that was exited since its start.
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
