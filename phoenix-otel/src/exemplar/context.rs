//! Finds the span of a measurement.

#[cfg(feature = "tracing")]
pub(crate) use watched::note;

/// The span that was current while a call ran. It may have ended before the call.
#[cfg(feature = "tracing")]
pub(crate) type Noted = Option<super::SpanIds>;
/// An empty stub for builds without spans.
#[cfg(not(feature = "tracing"))]
#[derive(Clone, Copy, Default)]
pub(crate) struct Noted {}

/// The sampled span that is current on this thread.
#[cfg(feature = "tracing")]
#[inline]
pub(super) fn sampled() -> Option<super::SpanIds> {
    watched::current()
}

#[cfg(not(feature = "tracing"))]
#[inline]
pub(super) fn sampled() -> Option<super::SpanIds> {
    None
}

/// The ids of the span, if there is one.
#[cfg(feature = "tracing")]
#[inline]
pub(super) fn ids(noted: Noted) -> Option<super::SpanIds> {
    noted
}

#[cfg(not(feature = "tracing"))]
#[inline]
pub(super) fn ids(_: Noted) -> Option<super::SpanIds> {
    None
}

/// Detects spans that are exited on this thread while a part of a call runs.
///
/// An attribute wraps the body below it. If `#[tracing::instrument]` stands above `#[instrument_metrics]`, our guard is outside its span,
/// and the span is exited before the call ends. So the span is stored when it is exited.
#[cfg(feature = "tracing")]
#[derive(Clone, Copy)]
pub(crate) struct Watch(u64);
/// An empty stub for builds without spans.
#[cfg(not(feature = "tracing"))]
#[derive(Clone, Copy)]
pub(crate) struct Watch;

#[cfg(not(feature = "tracing"))]
impl Watch {
    #[inline]
    pub(crate) fn start() -> Self {
        Self
    }

    #[inline]
    pub(crate) fn see(self, _: &mut Noted) {}
}

#[cfg(feature = "tracing")]
mod watched {
    use std::cell::Cell;
    use std::panic::catch_unwind;

    use opentelemetry::Context;
    use opentelemetry::trace::TraceContextExt as _;

    use super::{Noted, Watch};
    use crate::exemplar::SpanIds;

    thread_local! {
        /// The number of sampled spans that were exited on this thread, and the last of them. It has no destructor, so it can be read as
        /// long as the thread lives.
        static LEFT: Cell<(u64, Noted)> = const { Cell::new((0, None)) };
    }

    /// Stores the current span just before it is exited.
    pub(crate) fn note() {
        if let Some(span) = current() {
            let (left, _) = LEFT.get();
            LEFT.set((left.wrapping_add(1), Some(span)));
        }
    }

    impl Watch {
        #[inline]
        pub(crate) fn start() -> Self {
            Self(LEFT.get().0)
        }

        /// Stores in `noted` the span that was exited last, if one was exited since the start.
        #[inline]
        pub(crate) fn see(self, noted: &mut Noted) {
            let (left, last) = LEFT.get();
            if left != self.0 {
                *noted = last;
            }
        }
    }

    /// Whether OpenTelemetry's thread-local context can be read. The context is created first, and destructors run in reverse order, so
    /// this value is destroyed before the context. If it is created within a destructor, the context may already be destroyed.
    struct Living(bool);

    impl Drop for Living {
        fn drop(&mut self) {}
    }

    thread_local!(static LIVING: Living = Living(catch_unwind(|| Context::map_current(|_| ())).is_ok()));

    #[inline]
    pub(super) fn current() -> Option<SpanIds> {
        LIVING.try_with(|living| living.0).ok().filter(|is_living| *is_living)?;
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
