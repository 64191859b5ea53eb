use phoenix_otel::instrument_metrics;

struct Client;

#[instrument_metrics]
#[instrument_metrics]
impl Client {
    fn get(&self) {}
}

fn main() {}
