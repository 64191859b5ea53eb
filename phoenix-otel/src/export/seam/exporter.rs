//! The choice of an exporter in code.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::provider::Provider;

/// An exporter that is chosen in code: what [`Builder::exporter`](crate::Builder::exporter) takes.
///
/// [`Otlp`](crate::Otlp), [`Prometheus`](crate::Prometheus), [`Console`](crate::Console) and [`OtlpFile`](crate::OtlpFile) convert to it,
/// and so does any name that `OTEL_METRICS_EXPORTER` could have.
#[derive(Clone)]
#[must_use = "it does nothing unless a builder gets it"]
pub struct Exporter {
    pub(super) kind: Cow<'static, str>,
    pub(super) name: Option<String>,
    pub(super) source: Source,
}

/// What makes it.
#[derive(Clone)]
pub(super) enum Source {
    /// The provider that is registered under the name of the kind.
    Registered,
    Provider(Arc<dyn Provider>),
    /// Nothing in this build: this feature is missing.
    Absent(&'static str),
}

impl Exporter {
    /// One of ours, with settings.
    pub(crate) fn with(kind: &'static str, name: Option<String>, provider: impl Provider + 'static) -> Self {
        Self { kind: kind.into(), name, source: Source::Provider(Arc::new(provider)) }
    }

    /// One of ours that is not built in, with the feature that it needs.
    #[cfg_attr(
        all(feature = "prometheus", any(feature = "otlp-http", feature = "otlp-grpc"), not(test)),
        expect(dead_code, reason = "every exporter of ours is built in")
    )]
    pub(crate) fn absent(kind: &'static str, name: Option<String>, feature: &'static str) -> Self {
        Self { kind: kind.into(), name, source: Source::Absent(feature) }
    }

    /// What tells this exporter from others of its kind, in health, self-metrics and errors. By default the name of the kind.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl From<String> for Exporter {
    fn from(kind: String) -> Self {
        Self { kind: kind.into(), name: None, source: Source::Registered }
    }
}

impl From<&str> for Exporter {
    fn from(kind: &str) -> Self {
        kind.to_owned().into()
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").field("kind", &self.kind).field("name", &self.name).finish_non_exhaustive()
    }
}
