//! Which scopes are named on their series: if several libraries have a metric with the same Prometheus name, labels tell them apart.
//!
//! A scrape and OTLP use the same rule, which looks only at the names of metrics and scopes: our scope is never named on a metric that we
//! declare. For other metrics, the first library by name that currently has a value is not named. So the order in which meters are created
//! changes nothing. A library that appears or disappears may change the labels of other libraries, but never ours.

use opentelemetry::InstrumentationScope;

use crate::view::SCOPE;

/// The library that created a metric. Scopes that differ only in attributes are the same library: their attributes are already labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Library<'a> {
    /// This crate, which creates the metrics that any crate declares with `metrics!`.
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

    /// The labels that name it. Labels with an empty value are omitted.
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
