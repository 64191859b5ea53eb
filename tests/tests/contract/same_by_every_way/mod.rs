//! One process is scraped and pushes at once: by every way the same names, labels and values arrive, zeros included.
//!
//! Left out is only what the way itself adds (`job`, `instance`; and the names of scopes, where a receiver gives them to every series). A bound is spelled `1.0` by a scrape and `1` by OTLP, which the
//! relabelling of `collector/prometheus/prometheus.yml` makes one. A label-less histogram exists by OTLP only from its first
//! value on, while the scrape has it at 0: the workload gives each a value. What telemetry measures of its own exports changes with each
//! of them, so of that only the names and labels are compared.

mod ways;
mod workload;
