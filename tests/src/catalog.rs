//! What `phoenix_otel` itself declares: the SDK's own metrics and those of the platform.

use phoenix_otel::MetricDef;
use phoenix_otel::platform::Platform;

/// All metrics that a service can record which activates the platform: those of the test program are among them.
pub fn declared() -> impl Iterator<Item = &'static MetricDef> {
    phoenix_otel::builder("any").with(Platform::new()).declared()
}

/// Those that `phoenix_otel` declares.
pub fn ours() -> impl Iterator<Item = &'static MetricDef> {
    declared().filter(|def| def.module.starts_with("phoenix_otel::"))
}

/// The part of the catalog that a metric of ours belongs to: `edge`, `sdk`, `llm`.
pub fn part(def: &MetricDef) -> &'static str {
    let inside = ["phoenix_otel::catalog::", "phoenix_otel::platform::"];
    let inside = inside.iter().find_map(|module| def.module.strip_prefix(module)).unwrap_or(def.module);
    inside.split("::").next().unwrap_or_default()
}
