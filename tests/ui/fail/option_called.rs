use phoenix_otel::instrument_metrics;

#[instrument_metrics(name("plan"))]
fn plan() {}

fn main() {}
