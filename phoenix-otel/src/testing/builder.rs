//! Creates a test scope with the same steps as `init`, without exporters.

use std::sync::Arc;

use opentelemetry::metrics::{Counter, MeterProvider as _};
use opentelemetry_sdk::metrics::Temporality;

use super::scope::{Scope, Sdk};
use crate::builder::Builder;
use crate::callbacks::Callbacks;
use crate::catalog::sdk::OVERFLOW;
use crate::config::EffectiveConfig;
use crate::error::InitError;
use crate::export::reader::SharedReader;
use crate::init::resolved::Resolved;
use crate::instrument::scoped::Scoped;
use crate::pipeline;

impl Builder {
    /// Creates a [`Scope`] for tests: isolated recording with the naming, the views and the extensions of this builder. It has no exporters and no
    /// readers, and starts no thread.
    ///
    /// If a service keeps its settings in a function, its tests record with the same settings:
    ///
    /// ```standalone_crate
    /// use phoenix_otel::{Builder, View, metrics};
    ///
    /// metrics! {
    ///     /// Orders placed.
    ///     static ORDERS: Counter { country: &str, customer: &str } = "acme.orders" { unit: "{order}" };
    /// }
    ///
    /// fn telemetry() -> Builder {
    ///     phoenix_otel::builder("shop").view(View::select("acme.orders").drop_attributes(["customer"]))
    /// }
    ///
    /// # fn main() -> Result<(), phoenix_otel::InitError> {
    /// let scope = telemetry().scope()?; // where `main` has `telemetry().init()?`
    /// scope.run(|| ORDERS.add(1, ORDERS { country: "nl", customer: "17" }));
    /// scope.snapshot().assert_text(r#"acme_orders_total{country="nl"} 1"#);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It reads only the variables of [`environment`](Self::environment), none of the process. It calls [`bound`](crate::Extension::bound) of each
    /// extension, inside the scope.
    ///
    /// # Errors
    ///
    /// Fails for the same reasons as [`init`](Self::init), except for problems of exporters and readers.
    pub fn scope(mut self) -> Result<Scope, InitError> {
        self.exporters = Default::default();
        self = self.without_exporter().without_detectors();
        self.traces = Default::default();
        self.scraping = Default::default();
        self.environment = self.environment.without_process();
        let Resolved { config, streams, sdk_views, extensions, wrong, .. } = Resolved::new(self);
        wrong.ignored(config.strict)?;
        let provider = pipeline::provider(&config.resource, streams.clone(), sdk_views);
        let callbacks = Callbacks::default();
        let reader = SharedReader::new(Temporality::Cumulative, callbacks.clone());
        let provider = provider.with_reader(reader.clone()).build();
        let meters = provider.clone();
        let (clock, set) = quanta::Clock::mock();
        let sdk = Sdk { _provider: provider, reader, clock: set };
        let meters = move |attributes| meters.meter_with_scope(pipeline::scope(attributes));
        let scoped = Scoped::new(meters, streams, clock, callbacks, sdk);
        // Observations above a cap increment this counter while the SDK collects, when no instrument can be created.
        scoped.binding().metric::<Counter<u64>>(OVERFLOW::DEF, None);
        let scope = Scope::new(Arc::clone(&scoped));
        scope.run(|| extensions.bound());
        Ok(scope)
    }

    /// Reads all settings and starts nothing, for the fuzz targets of this repository. Returns the configuration that `init` would use.
    ///
    /// # Errors
    ///
    /// Fails for the invalid settings for which [`init`](Self::init) fails before it creates exporters.
    #[doc(hidden)]
    pub fn resolved(self) -> Result<EffectiveConfig, InitError> {
        let Resolved { config, effective, wrong, .. } = Resolved::new(self);
        wrong.ignored(config.strict).map(|_| effective)
    }
}
