use phoenix_otel::instrument_metrics;

#[instrument_metrics(name = "a", name = "b")]
fn plan() {}

fn main() {}
