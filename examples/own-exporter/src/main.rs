//! A service whose metrics go to a receiver of the Influx line protocol: to that of the variable `INFLUX_URL`, or to a stand-in, which
//! prints what it gets.

use std::error::Error;
use std::time::Duration;

use example_own_exporter::{InfluxExporter, receiver};
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("INFLUX_URL").or_else(|_| stand_in())?;
    let token = std::env::var("INFLUX_TOKEN").ok();
    let exporter = InfluxExporter::new(&url, token.as_deref(), Duration::from_secs(10))?;
    let provider = SdkMeterProvider::builder().with_periodic_exporter(exporter).build();
    let meter = provider.meter("shop");
    meter.u64_counter("acme.orders").build().add(2, &[KeyValue::new("country", "nl")]);
    provider.force_flush()?;
    provider.shutdown()?;
    Ok(())
}

/// A receiver that prints the service's own metrics.
fn stand_in() -> std::io::Result<String> {
    receiver::start(|head, body| {
        println!("{}", head.lines().next().unwrap_or_default());
        body.lines().filter(|line| line.starts_with("acme.")).for_each(|line| println!("  {line}"));
        receiver::response("204 No Content", "")
    })
}
