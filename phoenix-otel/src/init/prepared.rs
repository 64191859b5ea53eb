//! The steps publish and start. They cannot fail.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use tokio::runtime::Handle;

use crate::callbacks::Callbacks;
use crate::catalog::sdk::DROPPED;
use crate::config::{Config, Problem, Problems};
use crate::exemplar::Store;
use crate::export::plugin::{self, BackgroundThread, HealthBoard};
use crate::extension::Extensions;
use crate::guard::Telemetry;
use crate::instrument::binding::{self, Binding};
use crate::pipeline::guarded::Guarded;
use crate::pipeline::refused::DropCounter;
use crate::record::process;
use crate::reload::Reloader;
use crate::report::{report, set_level};
use crate::self_metrics::Monitors;
use crate::serve::MountedEndpoint;
use crate::traces::TracePipeline;
use crate::view::Streams;
use crate::{declared, pipeline};

/// A telemetry that is not published and not started.
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
    pub(super) monitors: Arc<Monitors>,
    pub(super) reloader: Arc<Reloader>,
    pub(super) exemplars: Arc<Store>,
    pub(super) mounted: MountedEndpoint,
    pub(super) background: BackgroundThread,
    /// The invalid variables that are ignored.
    pub(super) ignored: Problems,
}

impl Prepared {
    /// Binds all handles to it, sets the global meter provider, and creates all known series at 0.
    pub(super) fn publish(&self) -> Arc<Binding> {
        self.traced.publish();
        let drop_counter = DropCounter {
            declare: |metric, reason| DROPPED.declare(DROPPED { metric, reason }),
            count: |metric, reason| DROPPED.add(1, DROPPED { metric, reason }),
        };
        let provider = Guarded::new(self.provider.clone(), self.streams.clone(), self.callbacks.clone(), drop_counter);
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

    /// Starts the exporters. All that they use exists.
    pub(super) fn start(self, binding: Arc<Binding>) -> Telemetry {
        // Before the exporters start: otherwise the subscriber would receive only a part of their events.
        self.traced.start();
        set_level(self.config.log_level.level());
        let effective = self.reloader.effective();
        report!(DEBUG, {}, "the effective configuration:\n{effective}");
        report_ignored(&self.ignored);
        report_lossy_name(&self.config);
        self.reloader.start(plugin::start(self.exporters, self.background.handle()));
        Telemetry {
            provider: self.provider,
            binding: Some(binding),
            traced: self.traced,
            exporters: self.reloader.running(),
            reloader: self.reloader,
            board: self.board,
            mounted: self.mounted,
            shutdown_timeout: self.shutdown_timeout,
            ended: OnceLock::new(),
            ending: Mutex::default(),
            ignored: self.ignored,
            _background: Some(self.background),
        }
    }
}

/// Lists the ignored settings in one warning.
fn report_ignored(ignored: &Problems) {
    if ignored.is_empty() {
        return;
    }
    if ignored.iter().all(Problem::is_of_variable) {
        report!(
            WARN,
            {},
            "invalid and unsupported settings are ignored (PHOENIX_OTEL_STRICT=true makes them errors):\n{ignored}"
        );
    } else {
        report!(WARN, {}, "these settings are ignored (`strict` makes them errors):\n{ignored}");
    }
}

/// Warns if the subsystem lacks a part of the service name.
fn report_lossy_name(config: &Config) {
    if let Some(name) = &config.lossy_name {
        let subsystem = &config.subsystem;
        report!(
            WARN,
            {},
            "the service name {name:?} contains characters, or the word `total`, that metric names cannot contain: metric names use the subsystem {subsystem:?}. Set another subsystem with `Builder::subsystem`"
        );
    }
}
