//! The provider of the OTLP exporter.

use std::sync::Arc;

use super::push::build;
use crate::config::effective::EffectiveExporter;
use crate::config::{Env, Features, HistogramAggregation, Otlp, Protocol, Push, Signal, check_otlp_numbers, options};
use crate::error::InitError;
use crate::export::plugin::{
    ExportContext, Exporter, ExporterSettings, Prepared, Provider, Resolved, Runner, Unavailable,
};

/// The name in `OTEL_METRICS_EXPORTER`.
pub(crate) const NAME: &str = "otlp";

impl From<options::Otlp> for Exporter {
    fn from(given: options::Otlp) -> Self {
        Self::with(NAME, given.name.clone(), given)
    }
}

impl Provider for options::Otlp {
    fn resolve(&self, settings: &ExporterSettings, env: &mut Env<'_>) -> Box<dyn Resolved> {
        let push = self.push.resolve(env, (settings.name(), &self.places), "export_timeout", settings.push);
        match Otlp::resolve(env, settings.name(), self, Features::BUILT, Signal::Metrics) {
            Ok(otlp) => Box::new(ResolvedOtlp { otlp, push }),
            Err(why) => Box::new(Unavailable(why)),
        }
    }

    fn check(&self, env: &mut Env<'_>) {
        check_otlp_numbers(env, Signal::Metrics);
    }
}

#[derive(Debug)]
struct ResolvedOtlp {
    otlp: Otlp,
    push: Push,
}

impl Resolved for ResolvedOtlp {
    fn prepare(self: Box<Self>, name: &Arc<str>, context: &mut ExportContext<'_>) -> Result<Prepared, InitError> {
        let kind = match self.otlp.protocol {
            Protocol::Grpc => "otlp_grpc_metric_exporter",
            Protocol::HttpProtobuf => "otlp_http_metric_exporter",
        };
        let monitor = context.monitor(name, kind);
        let exporter = Arc::new(build(
            &self.otlp,
            context.exemplars.clone(),
            context.streams.clone(),
            monitor.clone(),
            context.runtime,
        )?);
        // The exporter never blocks, so it needs no separate thread.
        let runner = Runner::Shared(context.runtime.clone());
        Ok(context.push(name, monitor, exporter, runner, self.otlp.temporality.into(), self.push))
    }

    fn settings(&self) -> Option<EffectiveExporter> {
        Some(self.otlp.effective(Signal::Metrics).pushed(self.push))
    }

    #[cfg(feature = "config-file")]
    fn fingerprint(&self) -> u64 {
        self.otlp.fingerprint()
    }

    fn histogram_aggregation(&self) -> HistogramAggregation {
        self.otlp.histogram_aggregation
    }

    fn takes_exemplars(&self) -> bool {
        true
    }

    fn takes_spans(&self) -> bool {
        self.otlp.is_for_every_signal()
    }
}

/// Prepares an export of spans, which is not started yet, and the processor that fills its queue.
#[cfg(feature = "tracing")]
pub(crate) fn prepare_spans(
    name: Arc<str>,
    otlp: &Otlp,
    context: &crate::export::spans::SpanExportContext<'_>,
    batch: crate::config::Batch,
) -> Result<(crate::export::spans::Processor, Prepared), InitError> {
    let exporter = super::spans::build_spans(otlp, context.runtime)?;
    let kind = match otlp.protocol {
        Protocol::Grpc => "otlp_grpc_span_exporter",
        Protocol::HttpProtobuf => "otlp_http_span_exporter",
    };
    Ok(context.prepare(name, kind, exporter, Runner::Shared(context.runtime.clone()), batch))
}
