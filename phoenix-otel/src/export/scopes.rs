//! Which scopes are named on their series: where several libraries have a metric of one name in Prometheus, labels say which it is.
//!
//! A scrape and OTLP go by this one rule, which looks at the names of metrics and scopes alone: ours are never named where we declare the metric, and
//! of other libraries that have a value at this time the first by its name is not. So the order in which meters are made changes nothing, and
//! a further library that comes or goes may change the labels of others, but never ours.

use opentelemetry::InstrumentationScope;

use crate::view::SCOPE;

/// Who made a metric. Scopes that differ in attributes alone are one here: their attributes are labels already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Library<'a> {
    /// This crate, which makes what any crate declares by `metrics!`.
    Ours,
    Other {
        name: &'a str,
        version: &'a str,
        schema_url: &'a str,
    },
}

impl<'a> Library<'a> {
    pub(crate) fn new(name: &'a str, version: &'a str, schema_url: &'a str) -> Self {
        if name == SCOPE { Self::Ours } else { Self::Other { name, version, schema_url } }
    }

    pub(crate) fn of(scope: &'a InstrumentationScope) -> Self {
        Self::new(scope.name(), scope.version().unwrap_or_default(), scope.schema_url().unwrap_or_default())
    }

    /// The labels that name it. One without a value is no label.
    pub(crate) fn labels(self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let values = match self {
            Self::Ours => ["", "", ""],
            Self::Other { name, version, schema_url } => [name, version, schema_url],
        };
        LABELS.into_iter().zip(values).filter(|(_, value)| !value.is_empty())
    }
}

/// The labels that name a library.
pub(crate) const LABELS: [&str; 3] = ["otel_scope_name", "otel_scope_version", "otel_scope_schema_url"];
