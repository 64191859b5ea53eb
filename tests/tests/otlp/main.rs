//! Pushed metrics and spans over OTLP, and their self-monitoring metrics.

mod batch;
mod exemplars;
mod exemplars_pushed;
mod file;
mod keys;
mod metrics;
mod own_exporter;
mod self_metrics;
mod self_metrics_of_spans;
mod span_orders;
mod spans;
mod spans_receiver_down;
mod start;
mod suppression;
