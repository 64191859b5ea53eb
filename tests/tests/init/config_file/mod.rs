//! The configuration file: what it accepts, what it sets, and what is reported.

mod documented;
mod foreign;
mod generated;
mod honoured;
mod json_schema;
mod precedence;
mod properties;
mod reports;
/// The table of the reader.
#[allow(dead_code, reason = "the tests read only a part of it")]
#[path = "../../../../phoenix-otel/src/config/file/schema.rs"]
mod schema;
mod wire;
mod written;

use phoenix_otel::{Builder, Problem, ProblemKind};
use serde_json::Value;

/// A service with this file.
fn service(file: &str, variables: &[(&str, &str)]) -> Builder {
    phoenix_otel::builder("config-file")
        .environment(variables.to_vec())
        .instance("one")
        .without_subscriber()
        .config(file)
}

/// The paths and values of the effective configuration. Nothing is started. `None` if the file is rejected.
fn in_force(file: &Value) -> Option<Vec<(String, String)>> {
    let mut file = file.clone();
    file["disabled"] = Value::Bool(true);
    let telemetry = service(&file.to_string(), &[]).init().ok()?;
    let config = telemetry.effective_config();
    Some(config.values().map(|value| (value.path().to_owned(), value.value())).collect())
}

/// The paths of the keys that messages name as not supported. `None` if the file is rejected.
fn named(file: &Value) -> Option<Vec<String>> {
    let Err(error) = service(&file.to_string(), &[]).strict().scope() else { return Some(Vec::new()) };
    let key = |problem: &Problem| problem.location().expect("a place in the file").key().to_owned();
    let named = error.settings().iter().all(|problem| problem.kind() == ProblemKind::Unsupported);
    let is_else = error.views().next().is_some();
    (named && !is_else).then(|| error.settings().iter().map(key).collect())
}
