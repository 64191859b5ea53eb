//! The metric contract: compares `tests/contract/metrics.toml` with the catalog and with the exported series.

mod catalog;
mod check;
mod outage;
mod promtool;
mod sent;
mod wire;
