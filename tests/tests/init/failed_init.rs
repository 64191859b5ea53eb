//! An `init` that fails leaves the previous telemetry unchanged.

use opentelemetry::global;
use opentelemetry::trace::{Span as _, Tracer as _};
use phoenix_otel::Builder;
use prometheus::Registry;

fn builder(registry: &Registry, sampler: &str) -> Builder {
    let builder = phoenix_otel::builder("failed-init").environment([("OTEL_TRACES_SAMPLER", sampler)]);
    builder.exporter("prometheus").without_listener().without_subscriber().export_into(registry.clone())
}

fn sampled() -> bool {
    global::tracer("test").start("span").span_context().is_sampled()
}

#[test]
fn the_sampler_stays_after_a_failed_init() {
    phoenix_otel_tests::isolated!();
    let registry = Registry::new();
    let _telemetry = builder(&registry, "always_on").init().expect("the first one");
    assert!(sampled());
    builder(&registry, "always_off").init().expect_err("the registry has our metrics already");
    assert!(sampled(), "the sampler of the telemetry that failed");
}
