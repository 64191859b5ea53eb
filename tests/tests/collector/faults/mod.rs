//! What of the way from a service to Prometheus fails, and what is there when it is well again: the service's own numbers,
//! each sample that was promised, and nothing twice.
//!
//! Each fault comes in the middle of work, which goes on. It lasts seconds, where in life it would be minutes: what waits,
//! waits in the same queue, and only the number of the tries differs.

mod arrived;
mod flood;
mod gateway_killed;
mod history;
mod network_cut;
mod overload;
mod prometheus_away;
mod queue_full;
mod refused;
mod service;
mod way;

use phoenix_otel_tests::Collector;

/// The value of one of a collector's own metrics, all of its series together.
fn own_metric(collector: &Collector, name: &str) -> f64 {
    collector.own_metrics().sum(name, &[])
}
