//! One export to a receiver.

use std::time::Duration;

use phoenix_otel::{Otlp, Telemetry};

const HEADER: &str = "hush-hush";

/// The timeout is shorter than the shortest pause before a retry, so there is one attempt.
pub fn start(exporter: Otlp) -> Telemetry {
    let nothing: [(&str, &str); 0] = [];
    let exporter = exporter.header("api-key", HEADER).interval(Duration::from_secs(3600));
    let builder = phoenix_otel::builder("fuzz").environment(nothing).without_subscriber();
    builder.exporter(exporter.timeout(Duration::from_millis(45))).init().expect("the telemetry starts")
}

/// Exports once. What health says about it has one line and no secret.
pub fn export(telemetry: &Telemetry) {
    let _ = telemetry.force_flush();
    let health = telemetry.health().to_string();
    assert!(health.ends_with('\n') && health.lines().count() == 1, "not one line: {health:?}");
    assert!(!health.contains(HEADER), "{health}");
    assert!(!health.chars().any(|c| c.is_control() && c != '\n'), "{health:?}");
}
