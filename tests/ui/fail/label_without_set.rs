use phoenix_otel::instrument_metrics;

#[instrument_metrics(model = "small")]
fn plan() {}

fn main() {}
