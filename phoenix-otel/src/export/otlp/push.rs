//! The exporter of metrics.

use super::encode::{KeylessTold, encode};
use super::sender::Sender;
use crate::config::{Otlp, Problems, Signal};
use crate::exemplar::Store;
use crate::export::count::points;
use crate::export::push::Exporter;
use crate::export::rejected::Exported;
use crate::export::watch::Watch;
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
    keyless: KeylessTold,
    temporality: Temporality,
}

/// Builds the exporter. Its connections live on the runtime of `handle`.
pub(super) fn build(
    config: &Otlp,
    exemplars: Arc<Store>,
    streams: Arc<Streams>,
    watch: Arc<dyn Watch>,
    handle: &Handle,
) -> Result<OtlpExporter, Problems> {
    Ok(OtlpExporter {
        sender: Sender::new(config, Signal::Metrics, handle)?,
        exemplars,
        streams,
        keyless: KeylessTold::to(watch),
        temporality: config.temporality.into(),
    })
}

impl Exporter for OtlpExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> Exported {
        let (request, keyless) = encode(metrics, &self.exemplars.snapshot(), self.streams.ours());
        self.keyless.tell(keyless);
        self.sender.send(request.encode_to_vec(), points(metrics)).await
    }

    fn temporality(&self) -> Temporality {
        self.temporality
    }

    fn trouble(&self) -> Option<String> {
        Some(self.sender.trouble())
    }
}
