//! The settings of OTLP as lines of JSON: code, and of the variables that of the temporality, which is one of OTLP whatever carries it.

use super::env::Env;
use super::model::OtlpFile;
use super::{given, otlp};

impl OtlpFile {
    /// What the exporter is to write, and where.
    pub(crate) fn resolve(env: &mut Env<'_>, given: &given::OtlpFile) -> Self {
        Self { path: given.path.clone(), temporality: otlp::temporality(env, given.temporality) }
    }
}
