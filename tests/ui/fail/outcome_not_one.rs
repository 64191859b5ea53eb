use phoenix_otel::instrument_metrics;

#[instrument_metrics(outcome = |n| *n > 9)]
fn plan() -> u32 {
    1
}

fn main() {}
