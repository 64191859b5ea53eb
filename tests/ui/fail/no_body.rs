use phoenix_otel::instrument_metrics;

trait Plans {
    #[instrument_metrics]
    fn plan(&self) -> u32;
}

fn main() {}
