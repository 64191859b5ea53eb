//! The metric contract, walked: `tests/contract/metrics.toml` against the catalog, and against what is seen on the wire.

mod catalog;
mod check;
mod outage;
mod promtool;
mod sent;
mod wire;
