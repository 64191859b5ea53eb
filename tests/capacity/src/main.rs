//! What telemetry costs on the way from a service to Prometheus, for `docs/scaling.md`.
//!
//! `cargo run --release -p phoenix-otel-capacity` measures all of it on this machine, in some minutes. The programs come from
//! `tests/tools`. What is told is processor time, not time: other work on the machine makes it last longer, and cost the same.

mod collectors;
mod payload;
mod sdk;
mod usage;

use std::time::Duration;

/// How long something that is measured may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

fn main() {
    match std::env::args().nth(1).as_deref() {
        None => {
            sdk::measure();
            collectors::measure();
        }
        Some("sdk") => sdk::measure(),
        Some("collectors") => collectors::measure(),
        Some(other) => {
            eprintln!("{other}: it is sdk or collectors, or nothing for both");
            std::process::exit(2);
        }
    }
}

/// Processor time for a million points.
fn per_million(seconds: f64, points: usize) -> f64 {
    seconds * 1e6 / points as f64
}
