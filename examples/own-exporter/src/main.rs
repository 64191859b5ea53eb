//! A service that sends its metrics to a receiver of the Influx line protocol.
//!
//! With `OTEL_METRICS_EXPORTER=influx` the deployment chooses the exporter. Without that variable the code chooses it, and sends to `INFLUX_URL`
//! or, by default, to a fake receiver that prints each request.

use std::error::Error;
use std::time::Duration;

use example_own_exporter::{InfluxExporter, provider, receiver};
use phoenix_otel::{ErrorType, PushExporter, Telemetry, instrument_metrics, metrics};

metrics! {
    /// Amounts paid by customers.
    static PAID: Histogram { country: &str } = "acme.paid" { unit: "{EUR}", bounds: [10.0, 100.0], cap: 200 };

    /// Items in stock.
    static STOCK: Gauge = "acme.stock" { unit: "{item}" };
}

#[derive(Debug, ErrorType)]
enum OrderError {
    SoldOut,
}

/// The attribute records calls, errors and durations, which the exporter sends, too.
#[instrument_metrics]
fn place_order(country: &str, euros: f64, stock: &mut u32) -> Result<(), OrderError> {
    if *stock == 0 {
        return Err(OrderError::SoldOut);
    }
    *stock -= 1;
    STOCK.set((*stock).into(), ());
    PAID.record(euros, PAID { country });
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = telemetry()?;
    let mut stock = 3;
    for (country, euros) in [("nl", 19.5), ("nl", 4.25), ("de", 120.0), ("de", 1.0)] {
        if let Err(error) = place_order(country, euros, &mut stock) {
            println!("an order failed: {error:?}");
        }
    }
    // Exports now instead of at the next interval. The result names each exporter that failed, with the reason.
    let delivery = telemetry.force_flush();
    if !delivery.is_complete() {
        println!("{delivery}");
    }
    print!("{}", telemetry.health());
    telemetry.shutdown();
    Ok(())
}

fn telemetry() -> Result<Telemetry, Box<dyn Error>> {
    let builder = phoenix_otel::builder("shop").exporter_provider("influx", provider);
    if std::env::var_os("OTEL_METRICS_EXPORTER").is_some() {
        return Ok(builder.init()?);
    }
    let url = std::env::var("INFLUX_URL").or_else(|_| fake_receiver())?;
    let token = std::env::var("INFLUX_TOKEN").ok();
    let exporter = InfluxExporter::new(&url, token.as_deref(), Duration::from_secs(5))?;
    // Interval and timeout of this exporter. By default they are those of the builder or of the variables.
    let exporter = PushExporter::new(exporter).interval(Duration::from_secs(10)).export_timeout(Duration::from_secs(8));
    Ok(builder.without_exporter().push_exporter("influx", exporter).init()?)
}

/// Starts a receiver that prints the metrics of this file.
fn fake_receiver() -> std::io::Result<String> {
    receiver::start(|head, body| {
        println!("{}", head.lines().next().unwrap_or_default());
        let ours = |line: &&str| ["acme.", "phoenix.shop.requests,"].iter().any(|name| line.starts_with(name));
        let mut lines: Vec<&str> = body.lines().filter(ours).collect();
        lines.sort_unstable();
        lines.iter().for_each(|line| println!("  {line}"));
        receiver::response("204 No Content", "")
    })
}
