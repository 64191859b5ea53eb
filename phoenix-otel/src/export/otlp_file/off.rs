//! Stub without OTLP files.

use crate::config::given;
use crate::export::plugin::Exporter;

impl From<given::OtlpFile> for Exporter {
    fn from(given: given::OtlpFile) -> Self {
        Self::absent("otlp/stdout", given.own_name(), "the feature `otlp-file`")
    }
}
