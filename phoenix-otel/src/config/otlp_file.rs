//! The settings of the exporter that writes OTLP as JSON lines. They are set in code. Only the temporality also has a variable, the one of
//! OTLP.

use super::env::Env;
use super::model::OtlpFile;
use super::{options, otlp};

impl OtlpFile {
    pub(crate) fn resolve(env: &mut Env<'_>, name: &str, options: &options::OtlpFile) -> Self {
        let temporality = otlp::temporality(env, options.temporality);
        let given = |field: &str, is_set: bool| is_set.then(|| options.places.of_exporter(name, field));
        env.note("output_stream", given("path", options.path.is_some()), &[]);
        let in_code = given("temporality", options.temporality.is_some());
        env.note("temporality_preference", in_code, &[otlp::TEMPORALITY]);
        Self { path: options.path.clone(), temporality }
    }
}
