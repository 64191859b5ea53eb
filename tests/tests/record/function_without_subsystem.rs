//! Metric names of the attribute without a subsystem.

use phoenix_otel::{ErrorType, instrument_metrics};
use phoenix_otel_tests::Samples;

#[derive(Debug, ErrorType)]
enum Refused {
    NoBudget,
}

#[instrument_metrics]
fn plan(budget: u32) -> Result<u32, Refused> {
    if budget == 0 { Err(Refused::NoBudget) } else { Ok(budget) }
}

#[test]
fn functions_have_the_names_without_a_subsystem() {
    phoenix_otel_tests::isolated!();
    let builder = phoenix_otel::builder("planner").subsystem("");
    let telemetry = builder.exporter("prometheus").without_listener().init().unwrap();
    let _ = (plan(1), plan(2), plan(0));

    let samples = Samples::of(&telemetry);
    let errors = [("method", "plan"), ("error_type", "no_budget")];
    assert_eq!(samples.get("phoenix_errors_total", &errors), Some(1.0));
    assert_eq!(samples.get("phoenix_requests_total", &[("method", "plan"), ("status", "ok")]), Some(2.0));
    assert_eq!(samples.get("phoenix_request_duration_seconds_count", &[("method", "plan")]), Some(3.0));
    assert!(samples.iter().all(|sample| !sample.name.starts_with("phoenix_planner_")), "{samples:?}");
}
