//! A program has the same names wherever it is deployed, and under whichever name.

use phoenix_otel::{Telemetry, instrument_metrics};
use phoenix_otel_tests::{Samples, isolated};

#[instrument_metrics(name = "deployed_name_plan")]
fn plan() {}

fn deployed(variables: &[(&str, &str)]) -> Telemetry {
    let builder = phoenix_otel::builder("kb-service").environment(variables.iter().copied());
    builder.exporter("prometheus").without_listener().init().unwrap()
}

#[test]
fn the_name_of_the_deployment_is_a_label() {
    isolated!();
    for service in ["mind-kb", "body-kb"] {
        for variable in
            [("OTEL_SERVICE_NAME", service), ("OTEL_RESOURCE_ATTRIBUTES", &format!("service.name={service}"))]
        {
            let telemetry = deployed(&[variable]);
            plan();
            let samples = Samples::of(&telemetry);
            let plans = [("method", "deployed_name_plan"), ("status", "ok"), ("service", service)];
            assert_eq!(samples.get("phoenix_kb_requests_total", &plans), Some(1.0), "{variable:?}");
        }
    }
}

#[test]
fn the_namespace_is_one_of_the_deployment() {
    isolated!();
    let telemetry = deployed(&[("PHOENIX_OTEL_NAMESPACE", "acme")]);
    plan();
    let plans = [("method", "deployed_name_plan"), ("status", "ok"), ("service", "kb-service")];
    assert_eq!(Samples::of(&telemetry).get("acme_kb_requests_total", &plans), Some(1.0));
    let ours = telemetry.exposition().unwrap();
    let phoenix: Vec<&str> = ours.lines().filter(|line| line.starts_with("phoenix_")).collect();
    assert_eq!(phoenix, [""; 0], "{ours}");
}
