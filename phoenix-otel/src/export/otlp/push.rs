//! The exporter of metrics.

use super::encode::{EmptyKeyReporter, encode, remove};
use super::sender::Sender;
use crate::config::{Otlp, Problems, Signal};
use crate::exemplar::Store;
use crate::export::count::points;
use crate::export::monitor::ExportMonitor;
use crate::export::push::Exporter;
use crate::export::rejected::ExportResult;
use crate::export::switches::SwitchedOff;
use crate::view::Streams;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use prost::Message as _;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Sends metrics, with the exemplars of their histograms.
#[derive(Debug)]
pub(crate) struct OtlpExporter {
    sender: Sender,
    exemplars: Arc<Store>,
    streams: Arc<Streams>,
    empty_keys: EmptyKeyReporter,
    temporality: Temporality,
}

/// Builds the exporter. Its connections live on the runtime of `handle`.
pub(super) fn build(
    config: &Otlp,
    exemplars: Arc<Store>,
    streams: Arc<Streams>,
    monitor: Arc<dyn ExportMonitor>,
    handle: &Handle,
) -> Result<OtlpExporter, Problems> {
    Ok(OtlpExporter {
        sender: Sender::new(config, Signal::Metrics, handle)?,
        exemplars,
        streams,
        empty_keys: EmptyKeyReporter::new(monitor),
        temporality: config.temporality.into(),
    })
}

impl Exporter for OtlpExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> ExportResult {
        let off = SwitchedOff::of(metrics, &self.streams);
        let (mut request, empty_keys) = encode(metrics, &self.exemplars.snapshot(), &self.streams.ours());
        remove(&mut request, &off);
        self.empty_keys.report(empty_keys);
        self.sender.send(request.encode_to_vec(), points(metrics, &off)).await
    }

    fn points(&self, metrics: &ResourceMetrics) -> usize {
        points(metrics, &SwitchedOff::of(metrics, &self.streams))
    }

    fn temporality(&self) -> Temporality {
        self.temporality
    }

    fn last_error(&self) -> Option<String> {
        Some(self.sender.last_error())
    }
}
