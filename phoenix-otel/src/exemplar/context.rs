//! Finds the span of a measurement.

#[cfg(feature = "tracing")]
pub(crate) use spans::note_exit;

/// The span that was current while a call ran. It may have ended before the call.
#[cfg(feature = "tracing")]
pub(crate) type CallSpan = Option<super::SpanIds>;
/// An empty stub for builds without spans.
#[cfg(not(feature = "tracing"))]
#[derive(Clone, Copy, Default)]
pub(crate) struct CallSpan {}

/// The sampled span that is current on this thread.
#[cfg(feature = "tracing")]
#[inline]
pub(super) fn sampled() -> Option<super::SpanIds> {
    spans::current()
}

#[cfg(not(feature = "tracing"))]
#[inline]
pub(super) fn sampled() -> Option<super::SpanIds> {
    None
}

/// The IDs of the span, if there is one.
#[cfg(feature = "tracing")]
#[inline]
pub(super) fn ids(span: CallSpan) -> Option<super::SpanIds> {
    span
}

#[cfg(not(feature = "tracing"))]
#[inline]
pub(super) fn ids(_: CallSpan) -> Option<super::SpanIds> {
    None
}

/// Detects spans that are exited on this thread while a part of a call runs.
///
/// An attribute wraps the body below it. If `#[tracing::instrument]` stands above `#[instrument_metrics]`, our guard is outside its span,
/// and the span is exited before the call ends. So the span is stored when it is exited.
#[cfg(feature = "tracing")]
#[derive(Clone, Copy)]
pub(crate) struct SpanWatch(u64);
/// An empty stub for builds without spans.
#[cfg(not(feature = "tracing"))]
#[derive(Clone, Copy)]
pub(crate) struct SpanWatch;

#[cfg(not(feature = "tracing"))]
impl SpanWatch {
    #[inline]
    pub(crate) fn start() -> Self {
        Self
    }

    #[inline]
    pub(crate) fn store_in(self, _: &mut CallSpan) {}
}

#[cfg(feature = "tracing")]
mod spans {
    use std::cell::Cell;
    use std::panic::catch_unwind;

    use opentelemetry::Context;
    use opentelemetry::trace::TraceContextExt as _;

    use super::{CallSpan, SpanWatch};
    use crate::exemplar::SpanIds;

    thread_local! {
        /// The number of sampled spans that were exited on this thread, and the last of them. It has no destructor, so it can be read as
        /// long as the thread lives.
        static EXITED: Cell<(u64, CallSpan)> = const { Cell::new((0, None)) };
    }

    /// Stores the current span just before it is exited.
    pub(crate) fn note_exit() {
        if let Some(span) = current() {
            let (exited, _) = EXITED.get();
            EXITED.set((exited.wrapping_add(1), Some(span)));
        }
    }

    impl SpanWatch {
        #[inline]
        pub(crate) fn start() -> Self {
            Self(EXITED.get().0)
        }

        /// Stores in `span` the span that was exited last, if one was exited since the start.
        #[inline]
        pub(crate) fn store_in(self, span: &mut CallSpan) {
            let (exited, last) = EXITED.get();
            if exited != self.0 {
                *span = last;
            }
        }
    }

    /// Whether OpenTelemetry's thread-local context can be read. The context is created before this value, and destructors run in reverse order,
    /// so this value is destroyed first. If this value is created within a destructor, the context may already be destroyed.
    struct ContextAlive(bool);

    impl Drop for ContextAlive {
        fn drop(&mut self) {}
    }

    thread_local!(static CONTEXT_ALIVE: ContextAlive = ContextAlive(catch_unwind(|| Context::map_current(|_| ())).is_ok()));

    #[inline]
    pub(super) fn current() -> Option<SpanIds> {
        CONTEXT_ALIVE.try_with(|alive| alive.0).ok().filter(|is_alive| *is_alive)?;
        Context::map_current(|context| {
            if !context.has_active_span() {
                return None;
            }
            let span = context.span();
            let span = span.span_context();
            let is_wanted = span.is_valid() && span.is_sampled();
            is_wanted.then(|| SpanIds { trace: span.trace_id().to_bytes(), span: span.span_id().to_bytes() })
        })
    }
}
