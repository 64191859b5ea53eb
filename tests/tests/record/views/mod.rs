//! Views and their effect, by scrape and by OTLP.

mod against_sdk;
mod sdk_alone;
mod foreign;
mod functions;
mod metrics;
mod telemetry;
mod points;
mod invalid;
mod streams;
