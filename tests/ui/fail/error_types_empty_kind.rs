use phoenix_otel::instrument_metrics;

const KINDS: [&str; 2] = ["large", ""];

#[instrument_metrics(error_types = KINDS)]
fn plan() -> Option<u32> {
    None
}

fn main() {}
