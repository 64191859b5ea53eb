use phoenix_otel::instrument_metrics;

const NAME: &str = "plan";

#[instrument_metrics(name = NAME)]
fn plan() {}

fn main() {}
