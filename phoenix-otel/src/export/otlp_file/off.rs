//! Stub without OTLP files.

use crate::config::options;
use crate::export::plugin::Exporter;

impl From<options::OtlpFile> for Exporter {
    fn from(given: options::OtlpFile) -> Self {
        Self::absent("otlp/stdout", given.own_name(), "the feature `otlp-file`")
    }
}
