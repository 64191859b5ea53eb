//! Publish and start: what cannot fail.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use tokio::runtime::Handle;

use crate::callbacks::Callbacks;
use crate::catalog::sdk::DROPPED;
use crate::config::{Config, Problems};
use crate::exemplar::Store;
use crate::export::plugin::{self, BackgroundThread, HealthBoard};
use crate::extension::Extensions;
use crate::guard::Telemetry;
use crate::instrument::binding::{self, Binding};
use crate::pipeline::guarded::Guarded;
use crate::pipeline::refused::Losses;
use crate::record::process;
use crate::report::report;
use crate::self_metrics::Monitors;
use crate::serve::MountedEndpoint;
use crate::traces::TracePipeline;
use crate::view::Streams;
use crate::{declared, pipeline};

/// A telemetry that nobody sees yet, and that does nothing.
pub(super) struct Prepared {
    pub(super) config: Config,
    pub(super) streams: Arc<Streams>,
    pub(super) callbacks: Callbacks,
    pub(super) extensions: Extensions,
    pub(super) runtime: Option<Handle>,
    pub(super) shutdown_timeout: Duration,
    pub(super) provider: SdkMeterProvider,
    pub(super) exporters: Vec<plugin::Prepared>,
    pub(super) traced: TracePipeline,
    pub(super) board: Arc<HealthBoard>,
    pub(super) monitors: Monitors,
    pub(super) exemplars: Arc<Store>,
    pub(super) mounted: MountedEndpoint,
    pub(super) background: BackgroundThread,
    /// Variables that cannot be used.
    pub(super) ignored: Problems,
}

impl Prepared {
    /// Makes it the one that all handles record for, and lets every series that is known exist.
    pub(super) fn publish(&self) -> Arc<Binding> {
        self.traced.publish();
        let losses = Losses {
            declare: |metric, reason| DROPPED.declare(DROPPED { metric, reason }),
            count: |metric, reason| DROPPED.add(1, DROPPED { metric, reason }),
        };
        let provider = Guarded::new(self.provider.clone(), self.streams.clone(), self.callbacks.clone(), losses);
        opentelemetry::global::set_meter_provider(provider);
        let meters = self.provider.clone();
        let meter = move |attributes| meters.meter_with_scope(pipeline::scope(attributes));
        let binding = binding::publish(meter, self.streams.clone(), self.exemplars.clone(), self.callbacks.clone());
        declared::report_bounds();
        declared::report_shared_names(self.streams.naming());
        declared::report_versions(self.streams.naming());
        declared::zero(self.streams.naming());
        process::observe(self.config.process_metrics, self.runtime.as_ref());
        self.extensions.bound();
        self.monitors.declare();
        binding
    }

    /// Lets the exporters begin. All that they may meet is there.
    pub(super) fn start(self, binding: Arc<Binding>) -> Telemetry {
        // Before what exporters do: a subscriber that is set in the middle of it would see a part of that.
        self.traced.start();
        report_ignored(&self.ignored);
        report_shortened(&self.config);
        let exporters = plugin::start(self.exporters, self.background.handle());
        Telemetry {
            provider: self.provider,
            binding: Some(binding),
            traced: self.traced,
            exporters,
            board: self.board,
            mounted: self.mounted,
            shutdown_timeout: self.shutdown_timeout,
            ended: OnceLock::new(),
            ignored: self.ignored,
            _background: Some(self.background),
        }
    }
}

/// Warns of the variables that are ignored, of all at once.
fn report_ignored(ignored: &Problems) {
    if !ignored.is_empty() {
        report!(
            WARN,
            {},
            "variables that cannot be used are ignored (PHOENIX_OTEL_STRICT=true makes them errors):\n{ignored}"
        );
    }
}

/// Warns of a service whose metrics are not called as it is.
fn report_shortened(config: &Config) {
    if let Some(name) = &config.shortened {
        let subsystem = &config.subsystem;
        report!(
            WARN,
            {},
            "the metrics of the service {name:?} get the subsystem {subsystem:?}: a subsystem has letters and digits of ASCII, and not the word total. `subsystem` of the builder sets another"
        );
    }
}
