//! The contract: the same names, labels and values by scrape and OTLP, and definitions without lint findings.

mod deployed_name;
mod lint;
mod metric_contract;
mod names;
mod native_histograms;
mod scrape_and_otlp;
mod shared_names;
mod utf8_names;
