use phoenix_otel::instrument_metrics;

#[instrument_metrics(ok_if = 3 > 2)]
fn plan() -> u32 {
    1
}

fn main() {}
