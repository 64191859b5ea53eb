use phoenix_otel::instrument_metrics;

#[instrument_metrics]
struct Plan;

fn main() {}
