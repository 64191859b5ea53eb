//! What was built in. It is data, so that a test can ask for a crate that was built otherwise.

use super::model::Exporter;

/// The Cargo features that a configuration can ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Features {
    pub(crate) prometheus: bool,
    pub(crate) otlp_http: bool,
    pub(crate) otlp_grpc: bool,
}

impl Features {
    /// Those of this build.
    pub(crate) const BUILT: Self = Self {
        prometheus: cfg!(feature = "prometheus"),
        otlp_http: cfg!(feature = "otlp-http"),
        otlp_grpc: cfg!(feature = "otlp-grpc"),
    };

    pub(crate) fn otlp(self) -> bool {
        self.otlp_http || self.otlp_grpc
    }

    /// The feature that an exporter needs and does not have.
    pub(crate) fn missing(self, exporter: Exporter) -> Option<&'static str> {
        match exporter {
            Exporter::Prometheus if !self.prometheus => Some("the feature `prometheus`"),
            Exporter::Otlp if !self.otlp() => Some("the feature `otlp-http` or `otlp-grpc`"),
            _ => None,
        }
    }

    /// The exporter of a process that configures none.
    pub(crate) fn default_exporter(self) -> Option<Exporter> {
        [Exporter::Prometheus, Exporter::Otlp].into_iter().find(|exporter| self.missing(*exporter).is_none())
    }
}
