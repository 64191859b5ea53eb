//! Views and their effect, by scrape and by OTLP.

mod against_sdk;
mod bare;
mod foreign;
mod functions;
mod metrics;
mod ours;
mod points;
mod refused;
mod streams;
