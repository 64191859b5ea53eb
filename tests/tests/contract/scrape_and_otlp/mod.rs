//! One process is scraped and pushes: names, labels and values are the same by every way, including zeros.
//!
//! The comparison ignores the labels of the way itself (`job`, `instance`; and scope names, if a receiver adds them to every series). A bound is
//! `1.0` in a scrape and `1` over OTLP; the
//! relabelling of `collector/prometheus/prometheus.yml` makes both equal. Over OTLP, a histogram without labels exists only after its first
//! value, while the scrape has it at 0, so the workload records a value for each. The self-monitoring metrics of exports change with each
//! export, so only their names and labels are compared.

mod comparisons;
mod workload;
