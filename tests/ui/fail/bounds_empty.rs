use phoenix_otel::instrument_metrics;

const NONE: [f64; 0] = [];

#[instrument_metrics(bounds = NONE)]
fn plan() {}

fn main() {}
