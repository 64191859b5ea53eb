//! The exporter of spans.

use super::sender::Sender;
use crate::config::{Otlp, Problems, Signal};
use crate::export::rejected::ExportResult;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use prost::Message as _;
use tokio::runtime::Handle;

/// Sends spans.
#[derive(Debug)]
pub(crate) struct OtlpSpanExporter {
    sender: Sender,
    resource: ResourceAttributesWithSchema,
}

/// Builds the exporter. Its connections live on the runtime of `handle`.
pub(super) fn build_spans(config: &Otlp, handle: &Handle) -> Result<OtlpSpanExporter, Problems> {
    Ok(OtlpSpanExporter {
        sender: Sender::new(config, Signal::Traces, handle)?,
        resource: ResourceAttributesWithSchema::default(),
    })
}

impl crate::export::spans::Exporter for OtlpSpanExporter {
    async fn send(&self, spans: Vec<SpanData>) -> ExportResult {
        let count = spans.len();
        let resource_spans = group_spans_by_resource_and_scope(spans, &self.resource);
        let request = ExportTraceServiceRequest { resource_spans };
        self.sender.send(request.encode_to_vec(), count).await
    }

    fn last_error(&self) -> Option<String> {
        Some(self.sender.last_error())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}
