//! The options of a scrape endpoint.

use std::path::PathBuf;

use super::ServerTls;
use crate::config::PemPath;
use crate::config::env::word_of;
use crate::config::secret::Secret;
use crate::config::setting::Places;

/// A scrape endpoint for Prometheus. In `OTEL_METRICS_EXPORTER` it is `prometheus`.
///
/// ```
/// use phoenix_otel::Prometheus;
///
/// let builder = phoenix_otel::builder("orchestrator").exporter(Prometheus::new().host("0.0.0.0").port(8080));
/// ```
///
/// By default it has no TLS and no authentication, and listens on loopback only. TLS and authentication need the feature `web-config`:
///
/// ```
/// use phoenix_otel::{Prometheus, ServerTls};
///
/// # const HASH: &str = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";
/// let endpoint = Prometheus::new()
///     .host("0.0.0.0")
///     .tls(ServerTls::new("/etc/tls/tls.crt", "/etc/tls/tls.key"))
///     .basic_auth("prometheus", HASH)
///     .bearer_token_file("/run/secrets/scrape-token");
/// let builder = phoenix_otel::builder("orchestrator").exporter(endpoint);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct Prometheus {
    pub(crate) name: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) metrics_path: Option<String>,
    pub(crate) health_path: Option<String>,
    pub(crate) web_config_file: Option<PathBuf>,
    pub(crate) tls: Option<ServerTls>,
    /// User names and bcrypt hashes.
    pub(crate) basic_auth_users: Vec<(String, Secret)>,
    pub(crate) bearer_tokens: Vec<Secret>,
    pub(crate) bearer_token_file: Option<PemPath>,
    pub(crate) open_health: Option<bool>,
    pub(crate) translation: Option<Translation>,
    pub(crate) classic_histograms: bool,
    /// The places of the values that a configuration file sets.
    pub(crate) places: Places,
}

/// How the names of OpenTelemetry metrics and attributes become names in the exposition: `translation_strategy` of the OpenTelemetry
/// specification's Prometheus exporter. With the same strategy, Prometheus' OTLP receiver creates the same names.
///
/// | | `http.server.request.duration`, a histogram in `s` | the attribute `http.route` |
/// |---|---|---|
/// | `UnderscoreEscapingWithSuffixes` | `http_server_request_duration_seconds` | `http_route` |
/// | `UnderscoreEscapingWithoutSuffixes` | `http_server_request_duration` | `http_route` |
/// | `NoUtf8EscapingWithSuffixes` | `http.server.request.duration_seconds` | `http.route` |
/// | `NoTranslation` | `http.server.request.duration` | `http.route` |
///
/// If a scraper does not accept UTF-8 names, the names of the last two rows are escaped for it, by the escaping scheme that it requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(clippy::enum_variant_names, reason = "the names are those of the specification")]
pub enum Translation {
    /// Classic names with the words of unit and kind as suffixes. The rules and dashboards of this project read these names.
    #[default]
    UnderscoreEscapingWithSuffixes,
    /// Classic names without suffixes. Metrics that differ only in their unit or kind then share a name. If their types differ, a scrape drops
    /// all but the first.
    UnderscoreEscapingWithoutSuffixes,
    /// The names of OpenTelemetry, with suffixes.
    NoUtf8EscapingWithSuffixes,
    /// The names of OpenTelemetry.
    NoTranslation,
}

impl Translation {
    /// The strategies as a configuration file spells them.
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("underscore_escaping_with_suffixes", Self::UnderscoreEscapingWithSuffixes),
        ("underscore_escaping_without_suffixes/development", Self::UnderscoreEscapingWithoutSuffixes),
        ("no_utf8_escaping_with_suffixes/development", Self::NoUtf8EscapingWithSuffixes),
        ("no_translation/development", Self::NoTranslation),
    ];

    /// As a configuration file spells it.
    pub(crate) fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }
}

impl Prometheus {
    /// The endpoint with the name `prometheus`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of this exporter in health, self-monitoring metrics and errors. The default is `prometheus`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The host to listen on. Overrides `OTEL_EXPORTER_PROMETHEUS_HOST`.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The port to listen on. Overrides `OTEL_EXPORTER_PROMETHEUS_PORT`. 0 selects a free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// The path of the metrics. The default is `/metrics`.
    pub fn metrics_path(mut self, path: impl Into<String>) -> Self {
        self.metrics_path = Some(path.into());
        self
    }

    /// The path of the health report. The default is `/healthz`.
    pub fn health_path(mut self, path: impl Into<String>) -> Self {
        self.health_path = Some(path.into());
        self
    }

    /// Reads TLS, users, response headers and a rate limit from this file, in the format of Prometheus' `--web.config.file`. Overrides
    /// `PHOENIX_OTEL_WEB_CONFIG_FILE`. TLS and users that are set in code replace those of the file. The file is read again at most once a second.
    pub fn web_config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.web_config_file = Some(path.into());
        self
    }

    /// Serves over TLS only. Replaces `tls_server_config` of the web configuration file.
    pub fn tls(mut self, tls: ServerTls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Adds a user with the bcrypt hash of the password, as `htpasswd -nBC 10 USER` prints it. Requests then need the password of a user, or, if
    /// there are tokens, a [bearer token](Self::bearer_token). Users in code replace `basic_auth_users` of the web configuration file.
    pub fn basic_auth(mut self, user: impl Into<String>, bcrypt_hash: impl Into<String>) -> Self {
        self.basic_auth_users.push((user.into(), Secret::new(bcrypt_hash)));
        self
    }

    /// Adds a bearer token. Requests then need `Authorization: Bearer` with one of the tokens, or, if there are users, the password of a
    /// [user](Self::basic_auth).
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.bearer_tokens.push(Secret::new(token));
        self
    }

    /// Reads bearer tokens from a file, one on each line. The file is read again at most once a second, so a token can be replaced without a
    /// failed scrape: add the new one, change the clients, remove the old one.
    pub fn bearer_token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.bearer_token_file = Some(PemPath::new(path));
        self
    }

    /// Whether the health path serves requests without a password or token, for probes that have none. Such a response has the status, but no
    /// details. If a client certificate is required, it is still needed. Overrides `PHOENIX_OTEL_OPEN_HEALTH`. The default is `false`.
    pub fn open_health(mut self, open: bool) -> Self {
        self.open_health = Some(open);
        self
    }

    /// How names are translated. The default is [`Translation::UnderscoreEscapingWithSuffixes`]. The live page and OTLP are not affected.
    pub fn translation(mut self, translation: Translation) -> Self {
        self.translation = Some(translation);
        self
    }

    /// Adds classic buckets to each native histogram of the protobuf format. Prometheus stores them if its setting
    /// `always_scrape_classic_histograms` is on. Use it during a migration, while rules and dashboards still read `…_bucket`.
    pub fn classic_histograms(mut self) -> Self {
        self.classic_histograms = true;
        self
    }
}
