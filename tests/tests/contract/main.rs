//! The contract: the same names, labels and values by scrape and OTLP, and definitions without lint findings.

mod deployed_name;
mod lint;
mod names;
mod same_by_every_way;
mod shared_names;
mod walked;
