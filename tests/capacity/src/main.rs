//! What telemetry costs on the way from a service to Prometheus, for `docs/scaling.md`; and the live page, for `docs/page.md`.
//!
//! `cargo run --release -p phoenix-otel-capacity` measures all of it on this machine, in some minutes. The programs come from
//! `tests/tools`. What is told is processor time, not time: other work on the machine makes it last longer, and cost the same.

mod collectors;
mod page;
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
            page::measure();
        }
        Some("sdk") => sdk::measure(),
        Some("collectors") => collectors::measure(),
        Some("page") => page::measure(),
        // The service that `page` looks at.
        Some("serve") => page::serve(&std::env::args().nth(2).unwrap_or_default()),
        Some(other) => {
            eprintln!("{other}: it is sdk, collectors or page, or nothing for all");
            std::process::exit(2);
        }
    }
}

/// Processor time for a million points.
fn per_million(seconds: f64, points: usize) -> f64 {
    seconds * 1e6 / points as f64
}
