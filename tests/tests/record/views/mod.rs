//! Views and their effect, by scrape and over OTLP.

mod against_sdk;
mod foreign;
mod functions;
mod invalid;
mod metrics;
mod points;
mod sdk_alone;
mod streams;
mod telemetry;
