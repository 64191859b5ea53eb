//! Services stop and come back. Tests what only their breakers record.

use phoenix_otel_tests::platform::{SERVICES, Service};
use phoenix_otel_tests::{Platform, Samples, wait_until};

fn of(subsystem: &str) -> Service {
    SERVICES.into_iter().find(|service| service.subsystem == subsystem).expect("a service of the platform")
}

#[test]
fn breakers_trip_when_a_service_stops_and_close_when_it_is_back() {
    let platform = Platform::start(&[]);
    let _busy = platform.keep_busy("calm");
    let samples = |service| Samples::parse(&platform.exposition(of(service)));
    // The router has a breaker for the models, the orchestrator one for the executor.
    let breakers = [("data_router", "llm"), ("orchestrator", "executor")];
    let changes = |service, dependency, [from, to]: [&str; 2]| {
        let labels = [("service", dependency), ("from_state", from), ("to_state", to)];
        samples(service).sum("phoenix_circuit_breaker_transitions_total", &labels)
    };

    platform.start_outage();
    for (service, dependency) in breakers {
        wait_until(&format!("the breaker of {service} to open"), || {
            let opened = changes(service, dependency, ["closed", "open"]);
            if opened > 0.0 { Ok(()) } else { Err(opened) }
        });
    }
    platform.end_outage();
    for (service, dependency) in breakers {
        wait_until(&format!("the breaker of {service} to close again"), || {
            let closed = changes(service, dependency, ["half_open", "closed"]);
            let state = samples(service).get("phoenix_circuit_breaker_state", &[("service", dependency)]);
            if closed > 0.0 && state == Some(0.0) { Ok(()) } else { Err(format!("closed {closed}, state {state:?}")) }
        });
    }
    let trips = samples("data_router").sum("phoenix_data_router_circuit_breaker_trips_total", &[("service", "llm")]);
    assert!(trips > 0.0, "the router counts under its own name, too");
    let own = samples("orchestrator").get("phoenix_orchestrator_circuit_breaker_state", &[("service", "executor")]);
    assert_eq!(own, Some(0.0));
    // The callers count the rejected and failed calls, since the service itself was down.
    let errors = samples("orchestrator").sum("phoenix_orchestrator_errors_total", &[]);
    assert!(errors > 0.0, "expected failed plans during the outage");
    platform.terminate();
}
