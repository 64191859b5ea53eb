//! The context that the exporters of one telemetry share while they are prepared.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider, Temporality};
use tokio::runtime::Handle;

use super::component::PushExporter;
use super::drop_on_thread::DropOnThread;
use super::health::ExportKind;
use super::health_board::HealthBoard;
use super::lifecycle::Prepared;
use super::runner::Runner;
use super::status::ExportState;
use super::wait::ThreadCall;
use crate::config::Push;
use crate::exemplar::Store;
use crate::export::live::Live;
use crate::export::monitor::ExportMonitor;
use crate::export::pull;
use crate::export::push::{DynExporter, Parts};
use crate::export::reader::{ForeignReader, MetricReader, Readers, Temporalities};
use crate::export::scrape::Scraping;
use crate::report::report;
use crate::view::Streams;

/// The timeout for exporters to return their temporality. All are called at the same time, so the timeout applies to all of them together.
const TEMPORALITY_TIMEOUT: Duration = Duration::from_secs(1);

/// Identifies an exporter in the self-monitoring metrics.
pub(crate) struct Identity {
    /// The exporter's name.
    pub(crate) exporter: Arc<str>,
    /// `otel.component.type` of the exporter.
    pub(crate) kind: Cow<'static, str>,
    /// Whether it is scraped. Then each scrape collects.
    pub(crate) scraped: bool,
}

/// The context that the exporters of one telemetry share while they are prepared.
pub(crate) struct ExportContext<'a> {
    /// The runtime that all non-blocking exporters share.
    pub(crate) runtime: &'a Handle,
    pub(crate) readers: Readers,
    /// Foreign readers, which will be registered with the meter provider.
    pub(crate) foreign: Vec<ForeignReader>,
    /// Creates the monitor of an exporter.
    pub(crate) monitor: &'a dyn Fn(Identity) -> Arc<dyn ExportMonitor>,
    /// The interval and timeout of periodic exporters that set none themselves.
    pub(crate) push: Push,
    pub(crate) board: &'a Arc<HealthBoard>,
    pub(crate) streams: &'a Arc<Streams>,
    pub(crate) exemplars: &'a Arc<Store>,
    pub(crate) scraping: &'a Scraping,
    pub(crate) live: &'a Arc<Live>,
}

impl ExportContext<'_> {
    /// Creates the monitor of an exporter that pushes.
    pub(crate) fn monitor(&self, name: &Arc<str>, kind: impl Into<Cow<'static, str>>) -> Arc<dyn ExportMonitor> {
        (self.monitor)(Identity { exporter: name.clone(), kind: kind.into(), scraped: false })
    }

    /// Prepares a built-in exporter, whose settings are resolved.
    pub(crate) fn push(
        &mut self,
        name: &Arc<str>,
        monitor: Arc<dyn ExportMonitor>,
        exporter: Arc<dyn DynExporter>,
        runner: Runner,
        temporality: Temporality,
        push: Push,
    ) -> Prepared {
        let state = ExportState::new(name.clone(), ExportKind::Metrics);
        self.push_with(state, monitor, exporter, runner, temporality, push)
    }

    /// Like [`push`](Self::push), for an exporter that already has a state.
    pub(super) fn push_with(
        &mut self,
        state: Arc<ExportState>,
        monitor: Arc<dyn ExportMonitor>,
        exporter: Arc<dyn DynExporter>,
        runner: Runner,
        temporality: Temporality,
        push: Push,
    ) -> Prepared {
        let name = state.exporter().clone();
        let parts = Parts {
            exporter,
            runner,
            collect: self.readers.collect(&name, temporality),
            cumulative: temporality == Temporality::Cumulative,
            push,
            state,
            monitor,
            name,
        };
        parts.prepare()
    }

    /// Prepares a foreign exporter, whose timing is resolved. Waits for its temporality.
    pub(super) fn foreign(
        &mut self,
        name: &Arc<str>,
        given: PushExporter,
        temporality: ThreadCall<Temporality>,
        push: Push,
        runner: Runner,
    ) -> Prepared {
        let PushExporter { exporter, kind, .. } = given;
        let temporality = temporality.wait_for(TEMPORALITY_TIMEOUT).unwrap_or_else(|why| {
            let exporter = &**name;
            report!(WARN, { exporter, why }, "an exporter did not return its temporality; cumulative temporality is used");
            Temporality::Cumulative
        });
        let monitor = self.monitor(name, kind);
        self.push(name, monitor, exporter, runner, temporality, push)
    }

    /// Builds the meter provider with the readers of all exporters. Waits for the registration of foreign readers, with a time limit.
    pub(crate) fn register(mut self, mut provider: MeterProviderBuilder) -> (SdkMeterProvider, Readers) {
        for reader in self.readers.register() {
            provider = provider.with_reader(reader);
        }
        for reader in &self.foreign {
            provider = provider.with_reader(reader.clone());
        }
        let provider = provider.build();
        self.foreign.iter().for_each(ForeignReader::registered);
        (provider, self.readers)
    }

    /// Prepares a foreign reader. Waits for its temporality.
    pub(super) fn reader(
        &mut self,
        name: &Arc<str>,
        reader: Arc<DropOnThread<Box<dyn MetricReader>>>,
        temporalities: ThreadCall<Temporalities>,
        runner: Runner,
    ) -> Prepared {
        let reader = ForeignReader::new(name.clone(), reader, temporalities);
        self.foreign.push(reader.clone());
        pull::prepare(name.clone(), reader, runner, self.push)
    }
}
