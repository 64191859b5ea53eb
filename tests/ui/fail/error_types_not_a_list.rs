use phoenix_otel::instrument_metrics;

#[instrument_metrics(error_types = "large")]
fn plan() -> Option<u32> {
    None
}

fn main() {}
