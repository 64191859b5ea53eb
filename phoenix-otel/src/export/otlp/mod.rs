//! The push by OTLP: `opentelemetry-otlp`, with every setting given, so that the variables it would read itself have no say.
//!
//! Its retries (three, with backoff) start no attempt after the timeout, but do not end one that is under way; so the timeout is held
//! here, over all attempts together.

#[cfg(feature = "otlp-grpc")]
mod grpc;
#[cfg(feature = "otlp-http")]
mod http;
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
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// An OTLP exporter whose errors say where it sent to and why that failed.
#[derive(Debug)]
pub(crate) struct OtlpExporter {
    inner: MetricExporter,
    /// Without the query, which may hold a key.
    endpoint: String,
    timeout: Duration,
    cause: Cause,
}

/// Builds the exporter. It belongs to the runtime of `handle`, on which its connections live.
pub(crate) fn build(config: &Otlp, handle: &tokio::runtime::Handle) -> Result<OtlpExporter, Problems> {
    let _runtime = handle.enter();
    let cause = Cause::default();
    let inner = match config.protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => grpc::build(config)?,
        #[cfg(feature = "otlp-http")]
        Protocol::HttpProtobuf => http::build(config, cause.clone())?,
        #[allow(unreachable_patterns, reason = "with both transports built in there is no other")]
        other => Err(Problem::new("builder: otlp_protocol", format!("{other:?}"), "a protocol that was built in"))?,
    };
    let endpoint = config.endpoint.split('?').next().unwrap_or_default().to_owned();
    Ok(OtlpExporter { inner, endpoint, timeout: config.timeout, cause })
}

impl PushMetricExporter for OtlpExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.cause.take();
        let outcome = tokio::time::timeout(self.timeout, self.inner.export(metrics)).await;
        let cause = self.cause.take();
        let reason = match (outcome, cause) {
            (Ok(Ok(())), _) => return Ok(()),
            // Our own words say all that the others do, and why.
            (Ok(Err(_)), Some(cause)) => cause,
            (Ok(Err(OTelSdkError::InternalFailure(reason))), None) => reason,
            (Ok(Err(other)), None) => other.to_string(),
            (Err(_), None) => format!("no success within {:?}", self.timeout),
            (Err(_), Some(cause)) => format!("no success within {:?}; {cause}", self.timeout),
        };
        Err(OTelSdkError::InternalFailure(format!("{}: {reason}", self.endpoint)))
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
        match self.cause.take() {
            Some(cause) => Some(format!("{}: {cause}", self.endpoint)),
            None => Some(self.endpoint.clone()),
        }
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
pub(crate) fn temporality(config: &Otlp) -> Temporality {
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
