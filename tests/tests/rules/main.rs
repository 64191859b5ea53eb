//! Rules, alerts and their delivery, with the real Prometheus and Alertmanager.

mod alerts;
mod catalog;
mod dashboards;
mod delivered;
mod in_sync;
mod inhibited;
mod promtool;
mod routes;

use std::process::Command;

use phoenix_otel_tests::tools::tool;

/// Runs a tool and returns its output.
///
/// # Panics
///
/// If the tool fails. The message has its output.
#[track_caller]
fn run(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(tool(name)).args(arguments).output().unwrap_or_else(|e| panic!("{name}: {e}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} {arguments:?} ended with {}:\n{said}", output.status);
    said
}

/// Returns the path of a file of the repository.
fn path(name: &str) -> String {
    phoenix_otel_tests::tools::repository().join(name).display().to_string()
}

/// Starts a Prometheus with the rules of the repository.
#[track_caller]
fn with_rules() -> phoenix_otel_tests::Prometheus {
    phoenix_otel_tests::Prometheus::from_repository().rules(|_, text| text).start()
}
