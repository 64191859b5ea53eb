use phoenix_otel::instrument_metrics;

struct Client;

#[instrument_metrics]
impl Client {
    #[instrument_metrics(skip, name = "get")]
    fn get(&self) {}
}

fn main() {}
