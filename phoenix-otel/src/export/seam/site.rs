//! Where one exporter is prepared, with what it shares with others.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider, Temporality};
use tokio::runtime::Handle;

use super::apart::Apart;
use super::board::Board;
use super::component::PushExporter;
use super::health::Exports;
use super::life::Prepared;
use super::place::Place;
use super::status::ExportState;
use super::wait::Asked;
use crate::config::Push;
use crate::exemplar::Store;
use crate::export::live::Live;
use crate::export::pull;
use crate::export::push::{Erased, Parts};
use crate::export::reader::{ForeignReader, MetricReader, Readers, Temporalities};
use crate::export::scrape::Scraping;
use crate::export::watch::Watch;
use crate::report::report;
use crate::view::Streams;

/// How long exporters may take to say their temporality: all of them together, since they are asked at the same time.
const ANSWER: Duration = Duration::from_secs(1);

/// Who exports, as the self-metrics name it.
pub(crate) struct Identity {
    /// The exporter's name.
    pub(crate) exporter: Arc<str>,
    /// `otel.component.type` of the exporter.
    pub(crate) kind: Cow<'static, str>,
    /// Whether it is scraped, and so collects by itself.
    pub(crate) scraped: bool,
}

/// What the exporters of one telemetry share.
pub(crate) struct Site<'a> {
    /// The runtime of all that never block.
    pub(crate) runtime: &'a Handle,
    pub(crate) readers: Readers,
    /// Foreign readers, to be registered with the provider of meters.
    pub(crate) foreign: Vec<ForeignReader>,
    /// Gives who is told of an exporter's work.
    pub(crate) watch: &'a dyn Fn(Identity) -> Arc<dyn Watch>,
    /// What periodic exporters go by that are given no timing of their own.
    pub(crate) push: Push,
    pub(crate) board: &'a Arc<Board>,
    pub(crate) streams: &'a Arc<Streams>,
    pub(crate) exemplars: &'a Arc<Store>,
    pub(crate) scraping: &'a Scraping,
    pub(crate) live: &'a Arc<Live>,
}

impl Site<'_> {
    /// Who is told of the work of an exporter that pushes.
    pub(crate) fn watch(&self, name: &Arc<str>, kind: impl Into<Cow<'static, str>>) -> Arc<dyn Watch> {
        (self.watch)(Identity { exporter: name.clone(), kind: kind.into(), scraped: false })
    }

    /// An exporter of ours, whose settings are resolved.
    pub(crate) fn push(
        &mut self,
        name: &Arc<str>,
        watch: Arc<dyn Watch>,
        exporter: Arc<dyn Erased>,
        place: Place,
        temporality: Temporality,
        push: Push,
    ) -> Prepared {
        let state = ExportState::new(name.clone(), Exports::Metrics);
        self.push_with(state, watch, exporter, place, temporality, push)
    }

    /// As [`push`](Self::push), for an exporter of which is known how it does.
    pub(super) fn push_with(
        &mut self,
        state: Arc<ExportState>,
        watch: Arc<dyn Watch>,
        exporter: Arc<dyn Erased>,
        place: Place,
        temporality: Temporality,
        push: Push,
    ) -> Prepared {
        let name = state.exporter().clone();
        let parts = Parts {
            exporter,
            place,
            collect: self.readers.collect(temporality),
            cumulative: temporality == Temporality::Cumulative,
            push,
            state,
            watch,
            name,
        };
        parts.prepare()
    }

    /// A foreign exporter, whose timing is resolved, and which is asked for its temporality.
    pub(super) fn foreign(
        &mut self,
        name: &Arc<str>,
        given: PushExporter,
        temporality: Asked<Temporality>,
        push: Push,
        place: Place,
    ) -> Prepared {
        let PushExporter { exporter, kind, .. } = given;
        let temporality = temporality.within(ANSWER).unwrap_or_else(|why| {
            let exporter = &**name;
            report!(WARN, { exporter, why }, "an exporter did not say its temporality, which is taken to be cumulative");
            Temporality::Cumulative
        });
        let watch = self.watch(name, kind);
        self.push(name, watch, exporter, place, temporality, push)
    }

    /// The provider of meters with the readers of all exporters. It waits for foreign ones to be registered, for a bounded time.
    pub(crate) fn register(self, mut provider: MeterProviderBuilder) -> SdkMeterProvider {
        for reader in self.readers.all() {
            provider = provider.with_reader(reader);
        }
        for reader in &self.foreign {
            provider = provider.with_reader(reader.clone());
        }
        let provider = provider.build();
        self.foreign.iter().for_each(ForeignReader::registered);
        provider
    }

    /// A foreign reader, which is asked for its temporality.
    pub(super) fn reader(
        &mut self,
        name: &Arc<str>,
        reader: Arc<Apart<Box<dyn MetricReader>>>,
        temporalities: Asked<Temporalities>,
        place: Place,
    ) -> Prepared {
        let reader = ForeignReader::new(name.clone(), reader, temporalities);
        self.foreign.push(reader.clone());
        pull::prepare(name.clone(), reader, place, self.push)
    }
}
