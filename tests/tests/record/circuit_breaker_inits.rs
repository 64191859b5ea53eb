//! A breaker from before `init`, and a second `init`.

use phoenix_otel::Telemetry;
use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
use phoenix_otel_tests::Samples;

fn init(name: &str) -> Telemetry {
    phoenix_otel::builder(name).exporter("prometheus").without_listener().init().unwrap()
}

fn state(telemetry: &Telemetry) -> Option<f64> {
    Samples::of(telemetry).get("phoenix_circuit_breaker_state", &[("service", "search")])
}

fn opened(telemetry: &Telemetry) -> Option<f64> {
    let labels = [("service", "search"), ("from_state", "closed"), ("to_state", "open")];
    Samples::of(telemetry).get("phoenix_circuit_breaker_transitions_total", &labels)
}

#[test]
fn transitions_before_init_survive_two_inits() {
    phoenix_otel_tests::isolated!();
    let breaker = CircuitBreakerMetrics::new("search");
    breaker.set_state(State::Open);
    let first = init("first");
    assert_eq!((state(&first), opened(&first)), (Some(1.0), Some(1.0)));
    assert_eq!(
        Samples::of(&first).get("phoenix_orchestrator_circuit_breaker_state", &[]),
        None,
        "it was not asked for"
    );

    let second = init("second");
    assert_eq!((state(&second), opened(&second)), (Some(1.0), Some(1.0)));
    breaker.set_state(State::Closed);
    breaker.set_state(State::Open);
    assert_eq!((state(&second), opened(&second)), (Some(1.0), Some(2.0)));

    drop(breaker);
    assert_eq!((state(&second), opened(&second)), (None, None), "the dropped breaker has no series");
}
