//! A service that has metrics of the `prometheus` crate already. Neither they nor the dashboards on them have to move on one day.

use phoenix_otel::{instrument_metrics, metrics};
use prometheus::{Encoder, IntCounter, Registry, TextEncoder};

metrics! {
    /// Orders placed, as the new code counts them.
    static ORDERS: Counter { country: &str } = "acme.orders" { unit: "{order}", cap: 200 };
}

/// New code, instrumented the new way.
#[instrument_metrics]
fn place_order(country: &str) {
    ORDERS.add(1, ORDERS { country });
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // What the service has had for years: a registry, and counters in it.
    let registry = Registry::new();
    let logins = IntCounter::new("shop_logins_total", "Logins.")?;
    registry.register(Box::new(logins.clone()))?;

    at_first(&registry, &logins)?;
    later(&registry, &logins)
}

/// The service goes on serving its registry, and what is new appears there, too. Nobody has to scrape anything else.
fn at_first(registry: &Registry, logins: &IntCounter) -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = phoenix_otel::builder("shop").no_exporter().export_into(registry.clone()).init()?;
    logins.inc();
    place_order("nl");

    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    show("the service's own endpoint", &String::from_utf8(text)?);
    telemetry.shutdown();
    Ok(())
}

/// The new endpoint takes over, and what is old appears there until it is rewritten. With `OTEL_METRICS_EXPORTER=otlp`
/// what is new could be pushed instead.
fn later(registry: &Registry, logins: &IntCounter) -> Result<(), Box<dyn std::error::Error>> {
    let telemetry = phoenix_otel::builder("shop").registry(registry.clone()).init()?;
    logins.inc();
    place_order("nl");
    place_order("de");

    show("the new endpoint", &telemetry.exposition()?);
    telemetry.shutdown();
    Ok(())
}

/// Prints what both kinds of code have counted.
fn show(what: &str, exposition: &str) {
    println!("{what}:");
    let counted = |line: &&str| ["shop_", "acme_"].iter().any(|name| line.starts_with(name));
    for line in exposition.lines().filter(counted) {
        println!("  {line}");
    }
}
