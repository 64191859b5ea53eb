use phoenix_otel::instrument_metrics;

struct Client;

#[instrument_metrics]
impl Client {
    #[instrument_metrics(name = "a")]
    #[instrument_metrics(name = "b")]
    fn get(&self) {}
}

fn main() {}
