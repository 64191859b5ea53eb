use phoenix_otel::instrument_metrics;

#[instrument_metrics(skip)]
fn plan() {}

fn main() {}
