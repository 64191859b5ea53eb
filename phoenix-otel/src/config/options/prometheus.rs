//! The options of a scrape endpoint.

use crate::config::setting::Places;

/// A scrape endpoint for Prometheus. In `OTEL_METRICS_EXPORTER` it is `prometheus`.
///
/// ```
/// use phoenix_otel::Prometheus;
///
/// let builder = phoenix_otel::builder("orchestrator").exporter(Prometheus::new().host("0.0.0.0").port(8080));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct Prometheus {
    pub(crate) name: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) metrics_path: Option<String>,
    pub(crate) health_path: Option<String>,
    pub(crate) translation: Option<Translation>,
    pub(crate) classic_histograms: bool,
    /// The places of the values that a configuration file sets.
    pub(crate) places: Places,
}

/// How the names of OpenTelemetry metrics and attributes become names in the exposition: `translation_strategy` of the OpenTelemetry
/// specification's Prometheus exporter, with the names that Prometheus' OTLP receiver has for the same strategy.
///
/// | | `http.server.request.duration`, a histogram in `s` | the attribute `http.route` |
/// |---|---|---|
/// | `UnderscoreEscapingWithSuffixes` | `http_server_request_duration_seconds` | `http_route` |
/// | `UnderscoreEscapingWithoutSuffixes` | `http_server_request_duration` | `http_route` |
/// | `NoUtf8EscapingWithSuffixes` | `http.server.request.duration_seconds` | `http.route` |
/// | `NoTranslation` | `http.server.request.duration` | `http.route` |
///
/// A scraper that does not accept UTF-8 names gets those of the last two with the escaping that it asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(clippy::enum_variant_names, reason = "the names are those of the specification")]
pub enum Translation {
    /// Classic names with the words of unit and kind as suffixes. The rules and boards of this project read these names.
    #[default]
    UnderscoreEscapingWithSuffixes,
    /// Classic names without suffixes. Metrics that differ only in their unit or kind then share a name, and all but one are dropped.
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
        Self::ALL.iter().find(|(_, translation)| *translation == self).map_or("", |(word, _)| *word)
    }
}

impl Prometheus {
    /// The endpoint with the name `prometheus`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of this exporter in health, self-metrics and errors. The default is `prometheus`.
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

    /// How names are translated. The default is [`Translation::UnderscoreEscapingWithSuffixes`]. The live page and OTLP are not affected.
    pub fn translation(mut self, translation: Translation) -> Self {
        self.translation = Some(translation);
        self
    }

    /// Adds classic buckets to each native histogram of the protobuf format. Prometheus stores them if its setting
    /// `always_scrape_classic_histograms` is on: for a migration, while rules and boards still read `…_bucket`.
    pub fn classic_histograms(mut self) -> Self {
        self.classic_histograms = true;
        self
    }
}
