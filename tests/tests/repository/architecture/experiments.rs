//! Each experimental feature of the SDK is used in one file only, so that a new SDK release needs one small change.

use super::none;
use super::source::sources;

/// A feature, the names that it adds, and the only file or folder that may use them.
const EXPERIMENTS: &[(&str, &[&str], &str)] = &[
    (
        "experimental_metrics_bound_instruments",
        &["BoundCounter", "BoundGauge", "BoundHistogram", "BoundUpDownCounter"],
        "phoenix-otel/src/instrument/bound.rs",
    ),
    // Instruments of other libraries, which may bind them, go through views.
    ("experimental_metrics_bound_instruments", &["BoundSyncInstrument"], "phoenix-otel/src/pipeline/viewed.rs"),
    (
        "experimental_metrics_custom_reader",
        &["MetricReader", "ManualReader", "Pipeline"],
        "phoenix-otel/src/export/reader/",
    ),
];

#[test]
fn each_experimental_feature_is_used_in_one_file() {
    let files = sources(&["phoenix-otel/src"]);
    let mut found = Vec::new();
    for (feature, names, room) in EXPERIMENTS {
        let used = files
            .iter()
            .any(|file| file.path.starts_with(room) && file.tokens.iter().any(|token| names.contains(&&*token.text)));
        assert!(
            used,
            "{room} does not use {feature} any more: change EXPERIMENTS in tests/tests/repository/architecture/experiments.rs"
        );
        for file in files.iter().filter(|file| !file.is_test()) {
            let behind_opentelemetry = |at: &usize| {
                // Only names imported from OpenTelemetry count; re-exports of the file are its own names.
                imported_from(file, *at).is_some_and(|root| root.starts_with("opentelemetry"))
            };
            let places = (0..file.tokens.len()).filter(|at| names.contains(&&*file.tokens[*at].text));
            for at in places.filter(|_| !file.path.starts_with(room)).filter(behind_opentelemetry) {
                found.push(file.finding(
                    file.tokens[at].line,
                    format!("{} is of the experimental feature {feature}", file.tokens[at].text),
                    format!("only {room} may touch it: use it from there"),
                ));
            }
        }
    }
    none(found);
}

/// Returns the first name of the path or of the `use` at a token.
fn imported_from(file: &super::source::Source, at: usize) -> Option<&str> {
    let start = file.tokens[..at].iter().rposition(|token| token.text == ";" || token.text == "use")?;
    if file.tokens[start].text == "use" {
        return file.tokens.get(start + 1).map(|token| &*token.text);
    }
    // Not in a `use`, but a full path.
    let mut first = at;
    while first >= 3 && file.tokens[first - 1].text == ":" && file.tokens[first - 2].text == ":" {
        first -= 3;
    }
    Some(&file.tokens[first].text)
}
