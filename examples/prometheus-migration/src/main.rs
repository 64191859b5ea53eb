//! A service with metrics of the `prometheus` crate. It moves to phoenix-otel step by step, and its metrics and dashboards keep working.

use phoenix_otel::{instrument_metrics, metrics};
use prometheus::{Encoder, IntCounter, Registry, TextEncoder};

metrics! {
    /// Orders placed, counted by the new code.
    static ORDERS: Counter { country: &str } = "acme.orders" { unit: "{order}", cap: 200 };
}

/// New code, instrumented with phoenix-otel.
#[instrument_metrics]
fn place_order(country: &str) {
    ORDERS.add(1, ORDERS { country });
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The existing metrics: a registry with a counter.
    let registry = Registry::new();
    let logins = IntCounter::new("shop_logins_total", "Logins.")?;
    registry.register(Box::new(logins.clone()))?;

    keep_the_registry(&registry, &logins)?;
    move_to_the_new_endpoint(&registry, &logins)
}

/// Step 1: the service still serves its registry, which also has the new metrics. The scrape configuration stays the same.
fn keep_the_registry(registry: &Registry, logins: &IntCounter) -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = phoenix_otel::builder("shop").without_exporter().export_into(registry.clone()).init()?;
    logins.inc();
    place_order("nl");

    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    show("the service's own endpoint", &String::from_utf8(text)?);
    telemetry.shutdown();
    Ok(())
}

/// Step 2: the new endpoint also serves the old metrics until they are rewritten. With `OTEL_METRICS_EXPORTER=otlp`
/// the new metrics would be pushed instead.
fn move_to_the_new_endpoint(registry: &Registry, logins: &IntCounter) -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = phoenix_otel::builder("shop").registry(registry.clone()).init()?;
    logins.inc();
    place_order("nl");
    place_order("de");

    show("the new endpoint", &telemetry.exposition()?);
    telemetry.shutdown();
    Ok(())
}

/// Prints the samples of both the old and the new metrics.
fn show(what: &str, exposition: &str) {
    println!("{what}:");
    let counted = |line: &&str| ["shop_", "acme_"].iter().any(|name| line.starts_with(name));
    for line in exposition.lines().filter(counted) {
        println!("  {line}");
    }
}
