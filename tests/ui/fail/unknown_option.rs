use phoenix_otel::instrument_metrics;

#[instrument_metrics(nmae = "plan")]
fn plan() {}

fn main() {}
