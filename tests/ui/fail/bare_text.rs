use phoenix_otel::instrument_metrics;

#[instrument_metrics("plan")]
fn plan() {}

fn main() {}
