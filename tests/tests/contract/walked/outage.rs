//! Neighbours die and come back: what only then is recorded, by the breakers that really tripped.

use phoenix_otel_tests::platform::{SERVICES, Service};
use phoenix_otel_tests::{Platform, Samples, wait_until};

fn of(subsystem: &str) -> Service {
    SERVICES.into_iter().find(|service| service.subsystem == subsystem).expect("a service of the platform")
}

#[test]
fn breakers_trip_when_a_neighbour_dies_and_close_when_it_is_back() {
    let platform = Platform::under_load("outage", "40s");
    let samples = |service| Samples::parse(&platform.exposition(of(service)));
    let opened = [("to_state", "open")];
    let closed = [("from_state", "half_open"), ("to_state", "closed")];

    // The router's breaker is before the models, the orchestrator's before the executor.
    for (service, dependency) in [("data_router", "llm"), ("orchestrator", "executor")] {
        wait_until(&format!("the breaker of {service} to open and to close again"), || {
            let seen = samples(service);
            let before = [("service", dependency)];
            let count = |labels: [(&str, &str); 1]| {
                seen.sum("phoenix_circuit_breaker_transitions_total", &[before[0], labels[0]])
            };
            let back = seen.sum("phoenix_circuit_breaker_transitions_total", &[before[0], closed[0], closed[1]]);
            let state = seen.get("phoenix_circuit_breaker_state", &before);
            if count(opened) > 0.0 && back > 0.0 && state == Some(0.0) {
                Ok(())
            } else {
                Err(format!("opened {}, closed again {back}, state {state:?}", count(opened)))
            }
        });
    }
    let trips = samples("data_router").sum("phoenix_data_router_circuit_breaker_trips_total", &[("service", "llm")]);
    assert!(trips > 0.0, "the router counts under its own name, too");
    let own = samples("orchestrator").get("phoenix_orchestrator_circuit_breaker_state", &[("service", "executor")]);
    assert_eq!(own, Some(0.0));
    // What was refused and what failed is told by those who asked, for the service itself was not there.
    let errors = samples("orchestrator").sum("phoenix_orchestrator_errors_total", &[]);
    assert!(errors > 0.0, "plans failed meanwhile");
    platform.terminate();
}
