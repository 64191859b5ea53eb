//! The guard, where there are traces.

use super::Telemetry;
use crate::traces;

impl Telemetry {
    /// The layer that makes OpenTelemetry spans of those of `tracing`, for a subscriber of the service's own. A service that sets none needs
    /// nothing: [`init`](crate::init()) sets one that has this layer, and that writes the log to standard error.
    ///
    /// Without a subscriber of the service's own:
    ///
    /// ```no_run
    /// let telemetry = phoenix_otel::init("orchestrator")?;
    /// tracing::info!("a line with the ids of the trace and the span that it was written in");
    /// # Ok::<(), phoenix_otel::InitError>(())
    /// ```
    ///
    /// With one, which is set after `init` and has whatever layers and filters it likes:
    ///
    /// ```no_run
    /// use tracing_subscriber::prelude::*;
    ///
    /// let telemetry = phoenix_otel::builder("orchestrator").without_subscriber().init()?;
    /// tracing_subscriber::registry().with(tracing_subscriber::fmt::layer()).with(telemetry.tracing_layer()).init();
    /// # Ok::<(), phoenix_otel::InitError>(())
    /// ```
    ///
    /// Where telemetry is disabled (`OTEL_SDK_DISABLED`) it is a layer that does nothing.
    pub fn tracing_layer<S>(&self) -> impl tracing_subscriber::Layer<S> + Send + Sync + 'static + use<S>
    where
        S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span> + Send + Sync,
    {
        self.traced.tracer().map(traces::layer)
    }
}
