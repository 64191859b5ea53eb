use phoenix_otel::instrument_metrics;

#[instrument_metrics]
mod plans {
    fn plan() {}
}

fn main() {}
