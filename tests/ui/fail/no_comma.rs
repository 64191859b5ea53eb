use phoenix_otel::instrument_metrics;

#[instrument_metrics(name = "a" subsystem = "b")]
fn plan() {}

fn main() {}
