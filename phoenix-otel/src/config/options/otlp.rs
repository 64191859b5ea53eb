//! The options of the OTLP exporter.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::PemPath;
use crate::config::endpoint::Url;
use crate::config::model::{Headers, PushOverrides};
use crate::config::setting::Places;
use crate::config::{Compression, Protocol, TemporalityPreference};

/// Pushes metrics or spans over OTLP to a collector or another receiver. In `OTEL_METRICS_EXPORTER` it is `otlp`.
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
/// A service can have several, each with a unique name. Unset options of all of them come from the same `OTEL_EXPORTER_OTLP_*` variables.
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct Otlp {
    pub(crate) name: Option<String>,
    /// The base URL of the receiver. For HTTP, the path of the signal is appended, unless the URL ends with it.
    pub(crate) endpoint: Option<Url>,
    pub(crate) protocol: Option<Protocol>,
    /// Replaces all headers of the environment.
    pub(crate) headers: Option<Headers>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) compression: Option<Compression>,
    pub(crate) certificate: Option<PemPath>,
    pub(crate) client_certificate: Option<PemPath>,
    pub(crate) client_key: Option<PemPath>,
    pub(crate) temporality: Option<TemporalityPreference>,
    pub(crate) push: PushOverrides,
    pub(crate) insecure: Option<bool>,
    /// Whether the endpoint has the path of the signal, even if it does not end with this path. Set in a file only.
    pub(crate) endpoint_is_whole: bool,
    /// The places of the values that a configuration file sets.
    pub(crate) places: Places,
}

impl Otlp {
    /// The OTLP exporter with the name `otlp`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of this exporter in health, self-monitoring metrics and errors. The default is `otlp`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The base URL of the receiver, or a Unix socket such as `unix:///run/otel.sock`. Overrides `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(Url::new(endpoint));
        self
    }

    /// The transport. Overrides `OTEL_EXPORTER_OTLP_PROTOCOL`.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Adds a header to every request. The headers that are set in code replace all headers of `OTEL_EXPORTER_OTLP_HEADERS`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.get_or_insert_default().0.push((name.into(), value.into()));
        self
    }

    /// The timeout of one attempt to send a request. Overrides `OTEL_EXPORTER_OTLP_TIMEOUT`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The compression of requests. Overrides `OTEL_EXPORTER_OTLP_COMPRESSION`.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = Some(compression);
        self
    }

    /// Whether gRPC uses no TLS if the endpoint has no scheme. Overrides `OTEL_EXPORTER_OTLP_INSECURE`. The default is `false`.
    pub fn insecure(mut self, insecure: bool) -> Self {
        self.insecure = Some(insecure);
        self
    }

    /// The file with the trusted certificate authorities (PEM) of the receiver's certificate. Overrides `OTEL_EXPORTER_OTLP_CERTIFICATE`.
    pub fn certificate(mut self, path: impl Into<PathBuf>) -> Self {
        self.certificate = Some(PemPath::new(path));
        self
    }

    /// The files with the client's certificate and key (PEM). Overrides `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and
    /// `OTEL_EXPORTER_OTLP_CLIENT_KEY`.
    pub fn client_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.client_certificate = Some(PemPath::new(certificate));
        self.client_key = Some(PemPath::new(key));
        self
    }

    /// Cumulative or delta temporality of metrics. Overrides `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
    pub fn temporality(mut self, temporality: TemporalityPreference) -> Self {
        self.temporality = Some(temporality);
        self
    }

    /// The time between two exports. Overrides [`Builder::interval`](crate::Builder::interval); for spans, it overrides
    /// `OTEL_BSP_SCHEDULE_DELAY`.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.push.interval = Some(interval);
        self
    }

    /// The timeout of one export, including all its attempts. Overrides [`Builder::export_timeout`](crate::Builder::export_timeout); for spans, it overrides
    /// `OTEL_BSP_EXPORT_TIMEOUT`.
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.push.timeout = Some(timeout);
        self
    }
}
