use phoenix_otel::instrument_metrics;

#[instrument_metrics(bounds = [0.1, 1.0, 0.5])]
fn plan() {}

fn main() {}
