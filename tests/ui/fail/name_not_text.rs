use phoenix_otel::instrument_metrics;

#[instrument_metrics(name = 5)]
fn plan() {}

fn main() {}
