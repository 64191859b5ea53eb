//! Suppresses the telemetry of exporters about their own work.
//!
//! If the HTTP/2 client of a span exporter is traced, each export creates spans, which are exported again, without end. Filters of the
//! subscriber cannot prevent this, because the service may set its own subscriber with any filter.

use opentelemetry::{Context, ContextGuard};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{self, Poll};
use tracing::dispatcher::{self, DefaultGuard, Dispatch};

pin_project! {
    /// Runs and drops a future so that nothing in it creates telemetry, neither through `tracing` nor through the OpenTelemetry API.
    ///
    /// Tasks that the future spawns are not suppressed; see [`Executor`].
    #[derive(Debug)]
    pub(crate) struct Suppressed<F> {
        #[pin]
        future: Option<F>,
        suppression: Suppression,
    }

    impl<F> PinnedDrop for Suppressed<F> {
        fn drop(this: Pin<&mut Self>) {
            let _suppression = this.suppression.begin();
            this.project().future.set(None);
        }
    }
}

impl<F> Suppressed<F> {
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub(crate) fn new(future: F) -> Self {
        Self { future: Some(future), suppression: Suppression::All }
    }

    /// For foreign code: it creates no spans, as with the SDK's own readers, but its log lines stay visible.
    pub(crate) fn without_spans(future: F) -> Self {
        Self { future: Some(future), suppression: Suppression::Spans }
    }
}

impl<F: Future> Future for Suppressed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<F::Output> {
        let _suppression = self.suppression.begin();
        let mut this = self.project();
        // Polling a future after it has completed has no defined result.
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let poll = future.poll(context);
        if poll.is_ready() {
            this.future.set(None);
        }
        poll
    }
}

/// The telemetry to suppress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Suppression {
    /// OpenTelemetry spans, however they are created.
    Spans,
    /// Spans, and everything that goes to `tracing`.
    All,
}

impl Suppression {
    /// Suppresses telemetry on this thread until both guards are dropped.
    ///
    /// Without a subscriber there is nothing to suppress. This function then sets no subscriber: once any subscriber has been set, `tracing` no longer
    /// forwards events to the crate `log`, in the whole program.
    fn begin(self) -> (Option<DefaultGuard>, ContextGuard) {
        let has_subscriber = self == Self::All && dispatcher::has_been_set();
        let no_subscriber = has_subscriber.then(|| dispatcher::set_default(&Dispatch::none()));
        (no_subscriber, Context::enter_telemetry_suppressed_scope())
    }
}

/// Spawns the connection tasks of a client, suppressed like the client itself.
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
        tokio::spawn(Suppressed::new(future));
    }
}

#[cfg(test)]
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_subscriber_none_is_set() {
        Suppressed::new(async { assert!(Context::is_current_telemetry_suppressed()) }).await;
        assert!(!Context::is_current_telemetry_suppressed());
        // Other tests of this program may have set a global subscriber.
        assert!(dispatcher::get_default(|dispatch| dispatch.is::<tracing::subscriber::NoSubscriber>()));
    }
}
