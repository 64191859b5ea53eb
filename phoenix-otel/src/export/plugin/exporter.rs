//! An exporter that code selects.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::provider::Provider;
use crate::config::{Places, PushOverrides, Setting};

/// An exporter that code selects. Pass it to [`Builder::exporter`](crate::Builder::exporter).
///
/// [`Otlp`](crate::Otlp), [`Prometheus`](crate::Prometheus), [`Console`](crate::Console), [`OtlpFile`](crate::OtlpFile) and any name that
/// `OTEL_METRICS_EXPORTER` accepts convert to it.
#[derive(Clone)]
#[must_use = "it does nothing until it is passed to a builder"]
pub struct Exporter {
    pub(super) kind: Cow<'static, str>,
    pub(super) name: Option<String>,
    pub(super) source: Source,
    /// What a configuration file sets.
    pub(super) of_file: FileSettings,
}

/// What a configuration file sets for an exporter.
#[derive(Clone, Default)]
pub(super) struct FileSettings {
    /// The place of the exporter.
    pub(super) place: Option<Setting>,
    /// The timing and the mapping of a registered exporter.
    pub(super) push: PushOverrides,
    pub(super) places: Places,
    #[cfg(feature = "config-file")]
    pub(super) node: Option<crate::config::file::ConfigNode>,
}

/// How the exporter is created.
#[derive(Clone)]
pub(super) enum Source {
    /// By the provider that is registered under the name of the kind.
    Registered,
    Provider(Arc<dyn Provider>),
    /// Not compiled in, because this feature is off.
    Absent(&'static str),
}

impl Exporter {
    /// A built-in exporter with its settings.
    pub(crate) fn with(kind: &'static str, name: Option<String>, provider: impl Provider + 'static) -> Self {
        Self { kind: kind.into(), name, source: Source::Provider(Arc::new(provider)), of_file: FileSettings::default() }
    }

    /// An exporter that the builder registers.
    pub(super) fn registered(kind: String, provider: Arc<dyn Provider>) -> Self {
        Self { kind: kind.into(), name: None, source: Source::Provider(provider), of_file: FileSettings::default() }
    }

    /// A built-in exporter whose feature is off.
    #[cfg_attr(
        all(
            feature = "prometheus",
            any(feature = "otlp-http", feature = "otlp-grpc"),
            feature = "otlp-file",
            not(test)
        ),
        expect(dead_code, reason = "every exporter of ours is compiled in")
    )]
    pub(crate) fn absent(kind: &'static str, name: Option<String>, feature: &'static str) -> Self {
        Self { kind: kind.into(), name, source: Source::Absent(feature), of_file: FileSettings::default() }
    }

    /// Sets its place in the configuration file.
    #[cfg(feature = "config-file")]
    pub(crate) fn at(mut self, place: Setting) -> Self {
        self.of_file.place = Some(place);
        self
    }

    /// Sets what the configuration file sets for a registered exporter.
    #[cfg(feature = "config-file")]
    pub(crate) fn with_node(
        mut self,
        node: crate::config::file::ConfigNode,
        push: PushOverrides,
        places: Places,
    ) -> Self {
        self.of_file = FileSettings { node: Some(node), push, places, ..self.of_file };
        self
    }

    /// The name that it has unless another exporter has it.
    #[cfg(feature = "config-file")]
    pub(crate) fn own_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.kind)
    }

    /// The name of this exporter in health, self-monitoring metrics and errors. Set it if there are several of one kind. The default is the
    /// name of the kind.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl From<String> for Exporter {
    fn from(kind: String) -> Self {
        Self { kind: kind.into(), name: None, source: Source::Registered, of_file: FileSettings::default() }
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
