//! The methods of the guard for traces.

use super::Telemetry;
use crate::traces;

impl Telemetry {
    /// The layer that turns spans of `tracing` into OpenTelemetry spans, for a subscriber that the service sets. A service that sets no subscriber
    /// does not need this layer: [`init`](crate::init()) sets a subscriber that contains the layer and writes the log to standard error.
    ///
    /// Without a subscriber of the service:
    ///
    /// ```no_run
    /// let telemetry = phoenix_otel::init("orchestrator")?;
    /// tracing::info!("this line has the IDs of its trace and its span");
    /// # Ok::<(), phoenix_otel::InitError>(())
    /// ```
    ///
    /// With a subscriber of the service, which is set after `init` and can have any layers and filters:
    ///
    /// ```no_run
    /// use tracing_subscriber::prelude::*;
    ///
    /// let telemetry = phoenix_otel::builder("orchestrator").without_subscriber().init()?;
    /// tracing_subscriber::registry().with(tracing_subscriber::fmt::layer()).with(telemetry.tracing_layer()).init();
    /// # Ok::<(), phoenix_otel::InitError>(())
    /// ```
    ///
    /// If telemetry is disabled (`OTEL_SDK_DISABLED`), the layer does nothing.
    pub fn tracing_layer<S>(&self) -> impl tracing_subscriber::Layer<S> + Send + Sync + 'static + use<S>
    where
        S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span> + Send + Sync,
    {
        self.traced.tracer().map(traces::layer)
    }
}
