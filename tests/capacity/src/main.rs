//! Measures the cost of telemetry between a service and Prometheus, for `docs/scaling.md`, and of the live page, for `docs/page.md`.
//!
//! `cargo run --release -p phoenix-otel-capacity` runs all measurements on this machine, in some minutes. The programs come from
//! `tests/tools`. The results are CPU times, which do not depend on other work on the machine.

mod collectors;
mod page;
mod payload;
mod sdk;
mod usage;

use std::time::Duration;

/// The timeout of a measurement on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

fn main() {
    match std::env::args().nth(1).as_deref() {
        None => {
            sdk::measure();
            collectors::measure();
            page::measure();
        }
        Some("sdk") => sdk::measure(),
        Some("collectors") => collectors::measure(),
        Some("page") => page::measure(),
        // The service process of `page`.
        Some("serve") => page::serve(&std::env::args().nth(2).unwrap_or_default()),
        Some(other) => {
            eprintln!("unknown argument {other}; known: sdk, collectors, page, or none for all");
            std::process::exit(2);
        }
    }
}

/// Returns the CPU time per million points.
fn per_million(seconds: f64, points: usize) -> f64 {
    seconds * 1e6 / points as f64
}
