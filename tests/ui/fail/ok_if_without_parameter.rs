use phoenix_otel::instrument_metrics;

#[instrument_metrics(ok_if = || true)]
fn plan() -> u32 {
    1
}

fn main() {}
