use phoenix_otel::instrument_metrics;

#[instrument_metrics(prefix = "users")]
fn get() {}

fn main() {}
