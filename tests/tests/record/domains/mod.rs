//! The recording API of the domains: an answer of a language model, a search in a knowledge base.
//!
//! The whole program shares one telemetry, so each test has its own models and knowledge bases.

mod kb;
mod llm;

use std::sync::OnceLock;

use phoenix_otel::Telemetry;
use phoenix_otel::platform::llm::Price;
use phoenix_otel::platform::{self, Platform};
use phoenix_otel_tests::Samples;

fn telemetry() -> &'static Telemetry {
    static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();
    TELEMETRY.get_or_init(|| {
        let builder = phoenix_otel::builder("llm-service")
            .environment([("PHOENIX_OTEL_LLM_PRICES", "priced=2.5/10,streamed=1/1")])
            .with(Platform::new().price("free", Price::default()).domain(platform::KB))
            .exporter("prometheus")
            .without_listener();
        builder.init().expect("init succeeds")
    })
}

/// Returns the current value of a sample.
fn get(name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    Samples::of(telemetry()).get(name, labels)
}

/// Instrumented functions have metrics of the same kind under the subsystem's name. If the domain has that name, the metric is the domain's.
#[test]
fn each_metric_is_described_by_its_own_definition() {
    phoenix_otel_tests::isolated!();
    let exposition = telemetry().exposition().expect("there is an exposition");
    let mut seen = 0;
    for def in phoenix_otel_tests::catalog::declared().filter(|def| !def.name.contains('{')) {
        let start = format!("# HELP {} ", def.prometheus_name(def.name));
        if let Some(help) = exposition.lines().find_map(|line| line.strip_prefix(&start)) {
            assert_eq!(help, def.description, "{}", def.name);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} metrics are there");
}
