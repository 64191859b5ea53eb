//! Faults between a service and Prometheus. After each recovery Prometheus has the service's own values,
//! every acknowledged sample, and nothing twice.
//!
//! Each fault comes in the middle of work. It lasts seconds, not minutes as in production: data waits
//! in the same queue, and only the number of retries differs.

mod delivery;
mod flood;
mod gateway_killed;
mod history;
mod network_cut;
mod overload;
mod pipeline;
mod prometheus_away;
mod queue_full;
mod rejected;
mod service;

use phoenix_otel_tests::Collector;

/// Returns the sum of all series of one of a collector's own metrics.
fn own_metric(collector: &Collector, name: &str) -> f64 {
    collector.own_metrics().sum(name, &[])
}
