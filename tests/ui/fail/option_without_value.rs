use phoenix_otel::instrument_metrics;

#[instrument_metrics(name = )]
fn plan() {}

fn main() {}
