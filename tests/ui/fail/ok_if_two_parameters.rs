use phoenix_otel::instrument_metrics;

#[instrument_metrics(ok_if = |a, b| a > b)]
fn plan() -> u32 {
    1
}

fn main() {}
