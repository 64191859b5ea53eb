use phoenix_otel::instrument_metrics;

#[instrument_metrics(bounds = 1.0)]
fn plan() {}

fn main() {}
