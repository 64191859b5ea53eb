//! Traces and exemplars: a call within a span adds its trace ID to its histogram bucket.
//!
//! ```text
//! cargo run -p example-traces
//! OTEL_TRACES_EXPORTER=console cargo run -p example-traces          # the spans themselves
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run -p example-traces
//! ```
//!
//! It prints log lines with trace and span ID to standard error, then the buckets of `/metrics` that have an exemplar to standard output. Both
//! have the same trace IDs.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use phoenix_otel::{ErrorType, Prometheus, instrument_metrics};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[derive(Debug, ErrorType)]
enum PlanError {
    NoBudget,
}

/// The two attributes work in either order.
#[tracing::instrument]
#[instrument_metrics]
async fn plan(steps: u32) -> Result<u32, PlanError> {
    let cost = price(steps).await;
    if cost > 100 {
        tracing::warn!(cost, "the budget is too small");
        return Err(PlanError::NoBudget);
    }
    tracing::info!(cost, "planned");
    Ok(cost)
}

#[instrument_metrics]
#[tracing::instrument]
async fn price(steps: u32) -> u32 {
    tokio::time::sleep(Duration::from_millis(u64::from(steps))).await;
    steps * 10
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = phoenix_otel::builder("planner").exporter(Prometheus::new().host("127.0.0.1").port(0)).init()?;
    for steps in [1, 8, 30] {
        // The third call fails. Both the metrics and the trace show the error.
        let _ = plan(steps).await;
    }
    let exposition = scrape(address(&telemetry).await).await?;
    for line in exposition.lines().filter(|line| line.contains(" # {")) {
        println!("{line}");
    }
    telemetry.shutdown();
    Ok(())
}

/// Waits until the endpoint listens, and returns its address.
async fn address(telemetry: &phoenix_otel::Telemetry) -> SocketAddr {
    loop {
        if let Some(address) = telemetry.scrape_address() {
            return address;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Scrapes as Prometheus does. Only OpenMetrics has exemplars, the text format has none.
async fn scrape(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\
                   accept: application/openmetrics-text; version=1.0.0\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
