//! A circuit breaker and its metrics. A dependency fails, and its breaker opens. Later the breaker lets calls through again, and closes.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use phoenix_otel::Telemetry;
use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
use phoenix_otel::tower_resilience_circuitbreaker::CircuitBreakerLayer;
use tower::{Layer, Service, ServiceExt, service_fn};

/// Whether the dependency fails.
static FAILS: AtomicBool = AtomicBool::new(false);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = phoenix_otel::init("shop")?;

    // The listener records each transition of the breaker. A breaker of another crate, or your own, calls `metrics.set_state(state)` instead.
    let metrics = CircuitBreakerMetrics::new("warehouse");
    let layer = CircuitBreakerLayer::builder()
        .consecutive_failures(3)
        .wait_duration_in_open(Duration::from_millis(300))
        .permitted_calls_in_half_open(2)
        .on_state_transition(metrics.listener())
        .build()?;

    let dependency = service_fn(|order: &'static str| {
        let fails = FAILS.load(Ordering::Relaxed);
        async move { if fails { Err(io::Error::other("out of memory")) } else { Ok(order.len()) } }
    });
    let mut breaker = layer.layer(dependency);
    show("the dependency works, the breaker is closed", &telemetry)?;

    FAILS.store(true, Ordering::Relaxed);
    while breaker.ready().await?.call("an order").await.is_err_and(|error| !error.is_circuit_open()) {}
    show("the dependency failed three times, the breaker is open", &telemetry)?;

    FAILS.store(false, Ordering::Relaxed);
    while breaker.ready().await?.call("an order").await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    show("the dependency works again, the breaker is half-open and let one call through", &telemetry)?;

    breaker.ready().await?.call("an order").await?;
    show("a second call succeeded, the breaker is closed", &telemetry)?;

    telemetry.shutdown();
    Ok(())
}

/// Prints the breaker's samples of the exposition, without transitions that never happened.
fn show(what: &str, telemetry: &Telemetry) -> Result<(), Box<dyn std::error::Error>> {
    println!("{what}:");
    let exposition = telemetry.exposition()?;
    let samples =
        exposition.lines().filter(|line| line.contains("circuit_breaker") && line.contains("service=\"warehouse\""));
    for line in samples.filter(|line| line.contains("_state{") || !line.ends_with(" 0")) {
        println!("  {line}");
    }
    Ok(())
}
