//! In which span something is measured.

#[cfg(feature = "tracing")]
pub(crate) use watched::note;

/// The span that a call was in while it ran, which may be over when the call ends.
#[cfg(feature = "tracing")]
pub(crate) type Noted = Option<super::SpanIds>;
/// Without spans there is nothing to note, at no cost.
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

/// What was noted, as ids.
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

/// Watches, while a stretch of a call runs on this thread, for spans that end within it.
///
/// An attribute wraps the body that it sees. Where the one of `tracing` stands above ours, ours ends up around its span, which is left before
/// the call ends: what was current then is noted as the span is left.
#[cfg(feature = "tracing")]
#[derive(Clone, Copy)]
pub(crate) struct Watch(u64);
/// Without spans there is nothing to watch.
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
        /// How many sampled spans were left on this thread, and the last of them. It has no destructor, so it can be read for as long
        /// as the thread lives.
        static LEFT: Cell<(u64, Noted)> = const { Cell::new((0, None)) };
    }

    /// Notes the current span, which is about to be left.
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

        /// Puts the span that was left last into `noted`, if one was since the start.
        #[inline]
        pub(crate) fn see(self, noted: &mut Noted) {
            let (left, last) = LEFT.get();
            if left != self.0 {
                *noted = last;
            }
        }
    }

    /// Whether the thread's storage of contexts can be asked. It is destroyed before that storage is, since that is made first and destructors
    /// run in reverse; where it is made within a destructor, the storage may be gone already.
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
