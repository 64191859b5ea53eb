//! OTLP over the network.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::endpoint::Url;
use crate::config::model::{GivenPush, Headers, PemPath};
use crate::config::{Compression, Protocol, TemporalityPreference};

/// A push by OTLP to a collector or any other receiver: `otlp` in `OTEL_METRICS_EXPORTER`.
///
/// ```
/// use phoenix_otel::{Otlp, Protocol, TemporalityPreference};
///
/// let builder = phoenix_otel::builder("orchestrator")
///     .exporter(Otlp::new())
///     .exporter(
///         Otlp::new()
///             .name("vendor")
///             .endpoint("https://otlp.example.com")
///             .protocol(Protocol::HttpProtobuf)
///             .header("api-key", "…")
///             .temporality(TemporalityPreference::Delta),
///     );
/// ```
///
/// Several may be given. Each needs a name of its own, and what it leaves open comes from the same `OTEL_EXPORTER_OTLP_*` variables.
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing unless a builder gets it"]
pub struct Otlp {
    pub(crate) name: Option<String>,
    /// The receiver's base address: over HTTP it gets the path of the signal unless it ends so.
    pub(crate) endpoint: Option<Url>,
    pub(crate) protocol: Option<Protocol>,
    /// Replace the headers of the environment, all of them.
    pub(crate) headers: Option<Headers>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) compression: Option<Compression>,
    pub(crate) certificate: Option<PemPath>,
    pub(crate) client_certificate: Option<PemPath>,
    pub(crate) client_key: Option<PemPath>,
    pub(crate) temporality: Option<TemporalityPreference>,
    pub(crate) push: GivenPush,
}

impl Otlp {
    /// The push, called `otlp`.
    pub fn new() -> Self {
        Self::default()
    }

    /// What tells this exporter from others of its kind, in health, self-metrics and errors. By default `otlp`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The receiver's base URL, or a Unix socket such as `unix:///run/otel.sock`, in place of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(Url::new(endpoint));
        self
    }

    /// The transport, in place of `OTEL_EXPORTER_OTLP_PROTOCOL`.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// A header of every request. The first call replaces the headers of `OTEL_EXPORTER_OTLP_HEADERS`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.get_or_insert_default().0.push((name.into(), value.into()));
        self
    }

    /// How long one attempt to send may take, in place of `OTEL_EXPORTER_OTLP_TIMEOUT`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The compression of requests, in place of `OTEL_EXPORTER_OTLP_COMPRESSION`.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = Some(compression);
        self
    }

    /// The file of the authorities that the receiver's certificate must come from, in place of
    /// `OTEL_EXPORTER_OTLP_CERTIFICATE`.
    pub fn certificate(mut self, path: impl Into<PathBuf>) -> Self {
        self.certificate = Some(PemPath::new(path));
        self
    }

    /// The files of the client's certificate and key, in place of `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and `_KEY`.
    pub fn client_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.client_certificate = Some(PemPath::new(certificate));
        self.client_key = Some(PemPath::new(key));
        self
    }

    /// Cumulative or delta temporality of metrics, in place of `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
    pub fn temporality(mut self, temporality: TemporalityPreference) -> Self {
        self.temporality = Some(temporality);
        self
    }

    /// Time between two exports, in place of [`Builder::interval`](crate::Builder::interval); of spans, in place of
    /// `OTEL_BSP_SCHEDULE_DELAY`.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.push.interval = Some(interval);
        self
    }

    /// How long one export may take with all its attempts, in place of [`Builder::timeout`](crate::Builder::timeout); of spans, in place
    /// of `OTEL_BSP_EXPORT_TIMEOUT`.
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.push.timeout = Some(timeout);
        self
    }
}
