//! A circuit breaker and its metrics: a dependency fails, the breaker before it opens, lets a call pass after a while, and closes.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use phoenix_otel::Telemetry;
use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
use phoenix_otel::tower_resilience_circuitbreaker::CircuitBreakerLayer;
use tower::{Layer, Service, ServiceExt, service_fn};

/// Whether the dependency is out of order.
static FAILS: AtomicBool = AtomicBool::new(false);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = phoenix_otel::init("shop")?;

    // This is all: what the metrics are called is known, and the breaker tells them of its changes. A breaker of any other crate, or
    // one's own, calls `metrics.changed(state)` instead.
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
    show("the dependency works", &telemetry)?;

    FAILS.store(true, Ordering::Relaxed);
    while breaker.ready().await?.call("an order").await.is_err_and(|error| !error.is_circuit_open()) {}
    show("it failed three times, and the next call was refused", &telemetry)?;

    FAILS.store(false, Ordering::Relaxed);
    while breaker.ready().await?.call("an order").await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    show("it works again, and the breaker has let one call pass", &telemetry)?;

    breaker.ready().await?.call("an order").await?;
    show("a second call went well, too", &telemetry)?;

    telemetry.shutdown();
    Ok(())
}

/// Prints what a scrape has of the breaker now, but for the transitions that never happened.
fn show(what: &str, telemetry: &Telemetry) -> Result<(), Box<dyn std::error::Error>> {
    println!("{what}:");
    let exposition = telemetry.exposition()?;
    let of_breaker =
        exposition.lines().filter(|line| line.contains("circuit_breaker") && line.contains("service=\"warehouse\""));
    for line in of_breaker.filter(|line| line.contains("_state{") || !line.ends_with(" 0")) {
        println!("  {line}");
    }
    Ok(())
}
