//! Readers: those that our exporters share, and foreign ones. Only this module uses the SDK's experimental reader interface.

mod foreign;
mod shared;
#[cfg(test)]
mod tests;

pub(crate) use foreign::{ForeignReader, Temporalities, ask_temporalities};
pub(crate) use opentelemetry_sdk::metrics::reader::MetricReader;
#[cfg(any(feature = "prometheus", feature = "testing", test))]
pub(crate) use shared::SharedReader;
pub(crate) use shared::{CollectionObserver, Readers};
