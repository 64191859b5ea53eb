//! The settings of the exporter that writes OTLP as JSON lines. They are set in code. Only the temporality also has a variable, the one of
//! OTLP.

use super::env::Env;
use super::model::OtlpFile;
use super::{options, otlp};

impl OtlpFile {
    pub(crate) fn resolve(env: &mut Env<'_>, options: &options::OtlpFile) -> Self {
        Self { path: options.path.clone(), temporality: otlp::temporality(env, options.temporality) }
    }
}
