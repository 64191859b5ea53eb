use phoenix_otel::instrument_metrics;

#[instrument_metrics(1 + 1)]
fn plan() {}

fn main() {}
