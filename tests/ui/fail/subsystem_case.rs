use phoenix_otel::instrument_metrics;

#[instrument_metrics(subsystem = "Data-Router")]
fn plan() {}

fn main() {}
