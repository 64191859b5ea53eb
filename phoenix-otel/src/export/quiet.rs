//! Keeps exporters from tracing their own work.
//!
//! An exporter of spans whose HTTP/2 client is traced feeds itself: each export makes spans, which are exported again. The filters of the
//! subscriber cannot be relied on to stop that, since the service may bring its own subscriber with any filter.

use opentelemetry::{Context, ContextGuard};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{self, Poll};
use tracing::dispatcher::{self, DefaultGuard, Dispatch};

pin_project! {
    /// Runs a future, and drops it, so that nothing in it becomes telemetry: not by `tracing`, and not by OpenTelemetry's own API.
    ///
    /// Tasks that the future spawns run outside of it; see [`Executor`].
    #[derive(Debug)]
    pub(crate) struct Quiet<F> {
        #[pin]
        future: Option<F>,
        silence: Silence,
    }

    impl<F> PinnedDrop for Quiet<F> {
        fn drop(this: Pin<&mut Self>) {
            let _silence = this.silence.begin();
            this.project().future.set(None);
        }
    }
}

impl<F> Quiet<F> {
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(crate) fn new(future: F) -> Self {
        Self { future: Some(future), silence: Silence::Whole }
    }

    /// The same for the code of others: it makes no spans, as the SDK's own readers have it, but what it logs is still seen.
    pub(crate) fn without_spans(future: F) -> Self {
        Self { future: Some(future), silence: Silence::OfSpans }
    }
}

impl<F: Future> Future for Quiet<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<F::Output> {
        let _silence = self.silence.begin();
        let mut this = self.project();
        // As of any future, nothing is to be expected after its end.
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let poll = future.poll(context);
        if poll.is_ready() {
            this.future.set(None);
        }
        poll
    }
}

/// What is not to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silence {
    /// Spans of OpenTelemetry, however they are made.
    OfSpans,
    /// Whatever goes to `tracing`, too.
    Whole,
}

impl Silence {
    /// Silences this thread until both guards are dropped.
    ///
    /// Without any subscriber there is nothing to silence. Setting one would then do harm: `tracing` stops writing to the `log` crate, for good
    /// and for the whole program, once any subscriber has been set.
    fn begin(self) -> (Option<DefaultGuard>, ContextGuard) {
        let has_subscriber = self == Self::Whole && dispatcher::has_been_set();
        let no_subscriber = has_subscriber.then(|| dispatcher::set_default(&Dispatch::none()));
        (no_subscriber, Context::enter_telemetry_suppressed_scope())
    }
}

/// Spawns the tasks of a client, one for each of its connections, as quiet as the client itself.
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Executor;

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
impl<F> hyper::rt::Executor<F> for Executor
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        tokio::spawn(Quiet::new(future));
    }
}

#[cfg(test)]
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_subscriber_none_is_set() {
        Quiet::new(async { assert!(Context::is_current_telemetry_suppressed()) }).await;
        assert!(!Context::is_current_telemetry_suppressed());
        // Other tests of this program may have set one.
        assert!(dispatcher::get_default(|dispatch| dispatch.is::<tracing::subscriber::NoSubscriber>()));
    }
}
