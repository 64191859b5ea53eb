//! The provider of the OTLP exporter.

use std::sync::Arc;

use super::push::build;
use crate::config::{Env, Features, HistogramAggregation, Otlp, Protocol, Push, Signal, check_otlp_numbers, given};
use crate::error::InitError;
use crate::export::seam::{Exporter, Idle, Place, Prepared, Provider, Resolved, Settings, Site};

/// The name in `OTEL_METRICS_EXPORTER`.
pub(crate) const NAME: &str = "otlp";

impl From<given::Otlp> for Exporter {
    fn from(given: given::Otlp) -> Self {
        Self::with(NAME, given.name.clone(), given)
    }
}

impl Provider for given::Otlp {
    fn resolve(&self, settings: &Settings, env: &mut Env<'_>) -> Box<dyn Resolved> {
        let push = self.push.resolve(env, settings.name(), "export_timeout", settings.push);
        match Otlp::resolve(env, settings.name(), self, Features::BUILT, Signal::Metrics) {
            Ok(otlp) => Box::new(Pushed { otlp, push }),
            Err(why) => Box::new(Idle(why)),
        }
    }

    fn check(&self, env: &mut Env<'_>) {
        check_otlp_numbers(env, Signal::Metrics);
    }
}

#[derive(Debug)]
struct Pushed {
    otlp: Otlp,
    push: Push,
}

impl Resolved for Pushed {
    fn prepare(self: Box<Self>, name: &Arc<str>, site: &mut Site<'_>) -> Result<Prepared, InitError> {
        let kind = match self.otlp.protocol {
            Protocol::Grpc => "otlp_grpc_metric_exporter",
            Protocol::HttpProtobuf => "otlp_http_metric_exporter",
        };
        let watch = site.watch(name, kind);
        let exporter =
            Arc::new(build(&self.otlp, site.exemplars.clone(), site.streams.clone(), watch.clone(), site.runtime)?);
        // It never blocks, so it needs no thread of its own.
        let place = Place::Shared(site.runtime.clone());
        Ok(site.push(name, watch, exporter, place, self.otlp.temporality.into(), self.push))
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let (otlp, push) = (&self.otlp, self.push);
        // The values may be secrets.
        let headers: Vec<_> = otlp.headers.0.iter().map(|(name, _)| format!("{name}: ***")).collect();
        vec![
            ("endpoint", otlp.endpoint.to_string()),
            ("protocol", format!("{:?}", otlp.protocol)),
            ("headers", headers.join(", ")),
            ("compression", format!("{:?}", otlp.compression)),
            ("temporality", format!("{:?}", otlp.temporality)),
            ("histograms", format!("{:?}", otlp.histogram_aggregation)),
            ("timeout of one attempt", format!("{:?}", otlp.timeout)),
            ("interval", format!("{:?}", push.interval)),
            ("timeout", format!("{:?}", push.timeout)),
        ]
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
    site: &crate::export::spans::Site<'_>,
    batch: crate::config::Batch,
) -> Result<(crate::export::spans::Processor, Prepared), InitError> {
    let exporter = super::spans::build_spans(otlp, site.runtime)?;
    let kind = match otlp.protocol {
        Protocol::Grpc => "otlp_grpc_span_exporter",
        Protocol::HttpProtobuf => "otlp_http_span_exporter",
    };
    Ok(site.prepare(name, kind, exporter, Place::Shared(site.runtime.clone()), batch))
}
