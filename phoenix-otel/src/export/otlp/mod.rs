//! The push by OTLP: `opentelemetry-otlp`, with every setting given, so that the variables it would read itself have no say.
//!
//! Its retries (three, with backoff) start no attempt after the timeout, but do not end one that is under way; so the timeout is held
//! here, over all attempts together.

#[cfg(feature = "otlp-grpc")]
mod grpc;
#[cfg(feature = "otlp-http")]
mod http;
mod provider;
#[cfg(feature = "tracing")]
pub(crate) use provider::prepare_spans;
#[cfg_attr(
    not(all(feature = "otlp-http", feature = "otlp-grpc")),
    expect(
        dead_code,
        reason = "one transport takes the files decoded, the other as text; both are checked either way"
    )
)]
mod tls;

use super::push::Exporter;
use crate::config::{Otlp, Problem, Problems, Protocol, TemporalityPreference};
use opentelemetry_otlp::{ExporterBuildError, MetricExporter};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// An OTLP exporter whose errors say where it sent to and why that failed.
#[derive(Debug)]
pub(crate) struct OtlpExporter<E = MetricExporter> {
    inner: E,
    /// Without the query, which may hold a key.
    endpoint: String,
    timeout: Duration,
    cause: Cause,
    rejected: Rejected,
}

/// Builds the exporter. It belongs to the runtime of `handle`, on which its connections live.
fn build(config: &Otlp, handle: &tokio::runtime::Handle) -> Result<OtlpExporter, Problems> {
    let _runtime = handle.enter();
    let (cause, rejected) = (Cause::default(), Rejected::default());
    let inner = match config.protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => grpc::build(config)?,
        #[cfg(feature = "otlp-http")]
        Protocol::HttpProtobuf => http::build(config, cause.clone(), rejected.clone())?,
        #[allow(unreachable_patterns, reason = "with both transports built in there is no other")]
        other => Err(Problem::new("builder: otlp_protocol", format!("{other:?}"), "a protocol that was built in"))?,
    };
    Ok(OtlpExporter::new(inner, config, cause, rejected))
}

/// Builds the exporter of spans, in the same way.
#[cfg(feature = "tracing")]
pub(crate) fn build_spans(
    config: &Otlp,
    handle: &tokio::runtime::Handle,
) -> Result<OtlpExporter<opentelemetry_otlp::SpanExporter>, Problems> {
    let _runtime = handle.enter();
    let cause = Cause::default();
    let inner = match config.protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => grpc::build_spans(config)?,
        #[cfg(feature = "otlp-http")]
        Protocol::HttpProtobuf => http::build_spans(config, cause.clone())?,
        #[allow(unreachable_patterns, reason = "with both transports built in there is no other")]
        other => Err(Problem::new("builder: otlp_protocol", format!("{other:?}"), "a protocol that was built in"))?,
    };
    Ok(OtlpExporter::new(inner, config, cause, Rejected::default()))
}

impl<E> OtlpExporter<E> {
    fn new(inner: E, config: &Otlp, cause: Cause, rejected: Rejected) -> Self {
        let endpoint = config.endpoint.split('?').next().unwrap_or_default().to_owned();
        Self { inner, endpoint, timeout: config.timeout, cause, rejected }
    }

    /// Runs one export, and says where it went to and why it failed.
    async fn tell(&self, export: impl Future<Output = OTelSdkResult>) -> OTelSdkResult {
        self.cause.take();
        let begun = Instant::now();
        let error = match tokio::time::timeout(self.timeout, export).await {
            Ok(Ok(())) => return Ok(()),
            // The transports have the same limit, and one that ends a moment before ours is no other error.
            Ok(Err(error)) if begun.elapsed() < self.timeout => error,
            // What was met with until then is told as `trouble`.
            _ => return Err(OTelSdkError::Timeout(self.timeout)),
        };
        let reason = match (self.cause.take(), error) {
            // Our own words say all that the others do, and why.
            (Some(cause), _) => cause,
            (None, OTelSdkError::InternalFailure(reason)) => reason,
            (None, other) => other.to_string(),
        };
        Err(OTelSdkError::InternalFailure(format!("{}: {reason}", self.endpoint)))
    }

    fn met_with(&self) -> String {
        match self.cause.take() {
            Some(cause) => format!("{}: {cause}", self.endpoint),
            None => self.endpoint.clone(),
        }
    }
}

#[cfg(feature = "tracing")]
impl super::spans::Exporter for OtlpExporter<opentelemetry_otlp::SpanExporter> {
    async fn send(&self, spans: Vec<opentelemetry_sdk::trace::SpanData>) -> OTelSdkResult {
        self.tell(opentelemetry_sdk::trace::SpanExporter::export(&self.inner, spans)).await
    }

    fn trouble(&self) -> Option<String> {
        Some(self.met_with())
    }

    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        opentelemetry_sdk::trace::SpanExporter::set_resource(&mut self.inner, resource);
    }
}

impl PushMetricExporter for OtlpExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.tell(self.inner.export(metrics)).await
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.inner.temporality()
    }
}

impl Exporter for OtlpExporter {
    fn trouble(&self) -> Option<String> {
        Some(self.met_with())
    }

    fn rejected(&self) -> usize {
        self.rejected.0.swap(0, Ordering::Relaxed)
    }
}

/// How many data points of the last request the receiver rejected, while it took the others.
#[derive(Clone, Debug, Default)]
struct Rejected(Arc<AtomicUsize>);

impl Rejected {
    #[cfg(feature = "otlp-http")]
    fn set(&self, points: i64) {
        self.0.store(usize::try_from(points).unwrap_or(0), Ordering::Relaxed);
    }
}

/// Why the last request failed. `opentelemetry-otlp` keeps it from its errors, which over HTTP say "network error" and no more.
#[derive(Clone, Debug, Default)]
struct Cause(Arc<Mutex<Option<String>>>);

impl Cause {
    #[cfg(feature = "otlp-http")]
    fn set(&self, cause: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(cause);
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The temporality that the configuration prefers, as the SDK takes it.
fn temporality(config: &Otlp) -> Temporality {
    match config.temporality {
        TemporalityPreference::Cumulative => Temporality::Cumulative,
        TemporalityPreference::Delta => Temporality::Delta,
        TemporalityPreference::LowMemory => Temporality::LowMemory,
    }
}

fn is_https(config: &Otlp) -> bool {
    config.endpoint.starts_with("https://")
}

/// What `opentelemetry-otlp` refuses, as a problem with the endpoint: all else was checked before.
fn refused(config: &Otlp, error: &ExporterBuildError) -> Problem {
    Problem::new(&config.endpoint_setting, &config.endpoint, format!("an endpoint that can be used; {error}"))
}
