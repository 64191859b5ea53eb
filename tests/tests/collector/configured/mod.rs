//! The configurations of the collector in `collector/otelcol`: an agent, a gateway, and the overlays, each with
//! the real program.
//!
//! `scrape_and_otlp` tests that names and labels are the same as by a scrape; `faults` tests what happens to the
//! data when a part fails.

mod bearer;
mod components;
mod configurations;
mod file;
mod host;
mod influx;
mod otlp;
mod remote_write;
mod scraped;
mod secrets;
mod service_tls;
mod start;
mod tls;
mod variables;
mod wal;

use phoenix_otel_tests::{Collector, wait_until};

const ACCEPTED: &str = "otelcol_receiver_accepted_metric_points_total";

/// Returns the sum of all series of one of the collector's own metrics.
fn own_metric(collector: &Collector, name: &str) -> f64 {
    collector.own_metrics().sum(name, &[])
}

/// Waits until the collector has accepted some data points.
fn wait_for_accepted_points(collector: &Collector) {
    wait_until("data points to be taken", || match own_metric(collector, ACCEPTED) {
        0.0 => Err("none so far"),
        _ => Ok(()),
    });
}
