//! Which exporters there are: `OTEL_METRICS_EXPORTER`, or the builder's list.

use super::env::Env;
use super::features::Features;
use super::model::{Exporter, Overrides};

const NAME: &str = "OTEL_METRICS_EXPORTER";
const ALLOWED: &str = "a list of prometheus, otlp, console; or none alone";

/// The exporters, each once, in the order given; and a problem for each that was not built in.
pub(crate) fn resolve(env: &mut Env<'_>, given: &Overrides, features: Features) -> Vec<Exporter> {
    let (setting, asked) = match &given.exporters {
        Some(exporters) => {
            ("builder: exporter", exporters.iter().map(|exporter| (format!("{exporter:?}"), *exporter)).collect())
        }
        None => match env.text(NAME) {
            Some(list) => (NAME, parse(env, &list)),
            None => return features.default_exporter().into_iter().collect(),
        },
    };
    let mut exporters = Vec::new();
    for (word, exporter) in asked {
        if exporters.contains(&exporter) {
            continue;
        }
        if let Some(feature) = features.missing(exporter) {
            env.problem(
                setting,
                &word,
                format!("an exporter that was built in; this one needs {feature} of phoenix-otel"),
            );
        }
        exporters.push(exporter);
    }
    exporters
}

fn parse(env: &mut Env<'_>, list: &str) -> Vec<(String, Exporter)> {
    let mut exporters = Vec::new();
    let mut none = false;
    for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word.to_ascii_lowercase().as_str() {
            "prometheus" => exporters.push((word.to_owned(), Exporter::Prometheus)),
            "otlp" => exporters.push((word.to_owned(), Exporter::Otlp)),
            "console" => exporters.push((word.to_owned(), Exporter::Console)),
            "none" => none = true,
            _ => env.problem(NAME, word, ALLOWED),
        }
    }
    if none && !exporters.is_empty() {
        env.problem(NAME, list, ALLOWED);
    }
    exporters
}
