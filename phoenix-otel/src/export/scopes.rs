//! Decides which series get labels with the name of their scope. If several libraries have a metric with the same Prometheus name, these labels
//! distinguish the series.
//!
//! A scrape and OTLP use the same rule, which depends only on the names of metrics and scopes. Series of our scope never get the labels if we
//! declare the metric. Otherwise the first library by name that currently has a value gets none. So the order in which meters are created
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

    /// The labels with the name of the library. Labels with an empty value are omitted.
    pub(crate) fn labels(self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let values = match self {
            Self::Ours => ["", "", ""],
            Self::Other { name, version, schema_url } => [name, version, schema_url],
        };
        LABELS.into_iter().zip(values).filter(|(_, value)| !value.is_empty())
    }
}

/// The labels with the name of a library.
pub(crate) const LABELS: [&str; 3] = ["otel_scope_name", "otel_scope_version", "otel_scope_schema_url"];
