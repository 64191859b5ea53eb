//! Metric names of the attribute without a subsystem.

use phoenix_otel::{ErrorType, instrument_metrics};

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
    let scope = phoenix_otel::builder("planner").subsystem("").scope().unwrap();
    scope.run(|| {
        let _ = (plan(1), plan(2), plan(0));
    });
    scope.snapshot().without_durations().assert_text(
        r#"
        phoenix_errors_total{error_type="no_budget",method="plan"} 1
        phoenix_request_duration_seconds{method="plan"} count 3
        phoenix_requests_active{method="plan"} 0
        phoenix_requests_total{method="plan",status="cancelled"} 0
        phoenix_requests_total{method="plan",status="error"} 1
        phoenix_requests_total{method="plan",status="ok"} 2
        phoenix_requests_total{method="plan",status="panic"} 0
        "#,
    );
}
