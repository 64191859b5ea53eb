//! The configurations of the collector in `collector/otelcol`: an agent, a gateway, and what is merged over them, each with
//! the real program.
//!
//! That names and labels are the same by agent and gateway as by a scrape is shown in `same_by_every_way`; what becomes of the
//! numbers when a part of the way fails, in `faults`.

mod bearer;
mod certificates;
mod components;
mod configurations;
mod file;
mod host;
mod influx;
mod otlp;
mod remote_write;
mod scraped;
mod secrets;
mod start;
mod tls;
mod variables;
mod wal;

use phoenix_otel_tests::{Collector, wait_until};

const ACCEPTED: &str = "otelcol_receiver_accepted_metric_points_total";

/// The value of one of a collector's own metrics, all of its series together.
fn own_metric(collector: &Collector, name: &str) -> f64 {
    collector.own_metrics().sum(name, &[])
}

/// Waits until the collector has taken some data points.
fn takes_some(collector: &Collector) {
    wait_until("data points to be taken", || match own_metric(collector, ACCEPTED) {
        0.0 => Err("none so far"),
        _ => Ok(()),
    });
}
