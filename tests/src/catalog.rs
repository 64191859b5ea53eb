//! The metrics that `phoenix_otel` declares: those of the SDK and of the platform.

use phoenix_otel::MetricDef;
use phoenix_otel::platform::Platform;

/// Returns all metrics that a service with the platform can record, with those of the test program.
pub fn declared() -> impl Iterator<Item = &'static MetricDef> {
    phoenix_otel::builder("any").with(Platform::new()).declared()
}

/// Returns the metrics that `phoenix_otel` declares.
pub fn ours() -> impl Iterator<Item = &'static MetricDef> {
    declared().filter(|def| def.module.starts_with("phoenix_otel::"))
}

/// Returns the module of the catalog that declares a metric, such as `edge`, `sdk` or `llm`.
pub fn part(def: &MetricDef) -> &'static str {
    let inside = ["phoenix_otel::catalog::", "phoenix_otel::platform::"];
    let inside = inside.iter().find_map(|module| def.module.strip_prefix(module)).unwrap_or(def.module);
    inside.split("::").next().unwrap_or_default()
}
