//! The metrics of circuit breakers in the exposition: a real breaker in all states, and transitions from many threads.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use phoenix_otel::Telemetry;
use phoenix_otel::circuit_breaker::{CircuitBreakerMetrics, State};
use phoenix_otel::platform::{Platform, data_router, orchestrator};
use phoenix_otel::tower_resilience_circuitbreaker::{CircuitBreakerError, CircuitBreakerLayer};
use phoenix_otel_tests::{Samples, http, wait_until};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

static TELEMETRY: LazyLock<Telemetry> = LazyLock::new(|| {
    let builder = phoenix_otel::builder("orchestrator").with(Platform::new());
    builder.exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0)).init().unwrap()
});

/// Returns the metrics of a breaker that is also exported under the names of the platform.
fn everywhere(service: &str) -> CircuitBreakerMetrics {
    data_router::observe_breaker(orchestrator::observe_breaker(CircuitBreakerMetrics::new(service)))
}

/// Scrapes the endpoint.
fn served() -> Samples {
    let address = wait_until("the endpoint to listen", || TELEMETRY.scrape_address().ok_or("it does not yet"));
    Samples::parse(&http::get(&format!("http://{address}/metrics"), &[]).unwrap().ok().unwrap())
}

/// Returns the state of the breaker of `service` by both names, its trips, and its transitions.
fn seen(service: &str) -> String {
    let samples = served();
    let of = [("service", service)];
    let mut seen = format!(
        "state {:?}, orchestrator {:?}, trips {:?}",
        samples.get("phoenix_circuit_breaker_state", &of).unwrap(),
        samples.get("phoenix_orchestrator_circuit_breaker_state", &of).unwrap(),
        samples.get("phoenix_data_router_circuit_breaker_trips_total", &of).unwrap(),
    );
    let transitions: Vec<_> = samples.all("phoenix_circuit_breaker_transitions_total", &of).collect();
    assert_eq!(transitions.len(), 6, "each transition exists, at 0 if need be: {transitions:#?}");
    for transition in transitions.iter().filter(|transition| transition.value > 0.0) {
        let [from, to] = ["from_state", "to_state"].map(|label| &transition.labels[label]);
        seen += &format!(", {from} to {to} {}", transition.value);
    }
    seen
}

#[tokio::test]
async fn a_real_breaker_goes_through_all_states() {
    phoenix_otel_tests::isolated!();
    let metrics = everywhere("llm-service");
    let layer = CircuitBreakerLayer::builder()
        .consecutive_failures(3)
        .wait_duration_in_open(Duration::from_secs(2))
        .permitted_calls_in_half_open(2)
        .on_state_transition(metrics.listener())
        .build()
        .unwrap();
    let works = Arc::new(AtomicBool::new(true));
    let dependency = {
        let works = works.clone();
        service_fn(move |()| {
            let works = works.load(Ordering::Relaxed);
            async move { if works { Ok(()) } else { Err(io::Error::other("this failure is part of the test")) } }
        })
    };
    let mut breaker = ServiceBuilder::new().layer(layer).service(dependency);
    assert_eq!(seen("llm-service"), "state 0.0, orchestrator 0.0, trips 0.0");

    for _ in 0..2 {
        breaker.ready().await.unwrap().call(()).await.unwrap();
    }
    works.store(false, Ordering::Relaxed);
    for failed in 0..3 {
        assert_eq!(metrics.state(), State::Closed, "after {failed} failures");
        breaker.ready().await.unwrap().call(()).await.unwrap_err();
    }
    assert_eq!(metrics.state(), State::Open);
    works.store(true, Ordering::Relaxed);
    let refused = breaker.ready().await.unwrap().call(()).await;
    assert!(matches!(refused, Err(CircuitBreakerError::OpenCircuit)), "{refused:?}");
    // A rejected call is not a transition.
    assert_eq!(seen("llm-service"), "state 1.0, orchestrator 1.0, trips 1.0, closed to open 1");

    let answer = loop {
        match breaker.ready().await.unwrap().call(()).await {
            Err(CircuitBreakerError::OpenCircuit) => tokio::time::sleep(Duration::from_millis(10)).await,
            answer => break answer,
        }
    };
    answer.unwrap();
    let half_open = "state 2.0, orchestrator 2.0, trips 1.0, closed to open 1, open to half_open 1";
    assert_eq!(seen("llm-service"), half_open);

    breaker.ready().await.unwrap().call(()).await.unwrap();
    let closed = "state 0.0, orchestrator 0.0, trips 1.0, closed to open 1, half_open to closed 1, open to half_open 1";
    assert_eq!(seen("llm-service"), closed);

    // The layer owns the metrics: the series exist as long as the breaker.
    drop(metrics);
    assert_eq!(seen("llm-service"), closed);
    drop(breaker);
    assert_eq!(served().all("phoenix_circuit_breaker_state", &[("service", "llm-service")]).count(), 0);
}

#[test]
fn no_transition_of_many_threads_is_lost() {
    phoenix_otel_tests::isolated!();
    const THREADS: u32 = 8;
    const ROUNDS: u32 = 5000;
    let metrics = everywhere("told-both");
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    metrics.transition(State::Closed, State::Open);
                    metrics.transition(State::Open, State::HalfOpen);
                    metrics.transition(State::HalfOpen, State::Closed);
                }
            });
        }
    });
    let each = f64::from(THREADS * ROUNDS);
    assert_eq!(
        seen("told-both"),
        format!(
            "state 0.0, orchestrator 0.0, trips {each:?}, closed to open {each}, half_open to closed {each}, open to half_open {each}"
        )
    );
}

#[test]
fn racing_threads_record_consistent_transitions() {
    phoenix_otel_tests::isolated!();
    let metrics = CircuitBreakerMetrics::new("told-one");
    std::thread::scope(|scope| {
        for first in 0..8 {
            let metrics = &metrics;
            scope.spawn(move || {
                let states = [State::Open, State::HalfOpen, State::Closed].into_iter().cycle().skip(first);
                states.take(5000).for_each(|state| metrics.set_state(state));
            });
        }
    });
    // In any order, a state was entered as often as it was left, except the current one.
    let samples = served();
    let count = |from_or_to, state| {
        samples.sum("phoenix_circuit_breaker_transitions_total", &[("service", "told-one"), (from_or_to, state)])
    };
    let value = samples.get("phoenix_circuit_breaker_state", &[("service", "told-one")]).unwrap();
    for (state, position) in [("closed", 0.0), ("open", 1.0), ("half_open", 2.0)] {
        let entered = f64::from(value == position) - f64::from(state == "closed");
        assert_eq!(count("to_state", state) - count("from_state", state), entered, "{state}, now {value}");
    }
    assert!(count("to_state", "open") > 0.0);

    let transitions = samples.sum("phoenix_circuit_breaker_transitions_total", &[("service", "told-one")]);
    metrics.set_state(metrics.state());
    metrics.transition(State::Open, State::Open);
    let after = served();
    let again = after.sum("phoenix_circuit_breaker_transitions_total", &[("service", "told-one")]);
    assert_eq!(again, transitions, "to stay is no transition");
    assert_eq!(metrics.state(), State::Open);
}
