use phoenix_otel::instrument_metrics;

#[instrument_metrics(error_if = |n| *n > limit)]
fn plan(limit: u32) -> u32 {
    limit + 1
}

fn main() {}
