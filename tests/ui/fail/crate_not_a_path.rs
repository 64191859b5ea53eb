use phoenix_otel::instrument_metrics;

#[instrument_metrics(crate = "phoenix_otel")]
fn plan() {}

fn main() {}
