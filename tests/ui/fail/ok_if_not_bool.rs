use phoenix_otel::instrument_metrics;

#[instrument_metrics(ok_if = |n| n + 1)]
fn plan() -> u32 {
    1
}

fn main() {}
