use phoenix_otel::instrument_metrics;

#[instrument_metrics]
pub trait Plans {
    fn plan(&self) {}
}

fn main() {}
