use phoenix_otel::instrument_metrics;

#[instrument_metrics]
#[instrument_metrics(name = "again")]
fn plan() {}

fn main() {}
