use phoenix_otel::instrument_metrics;

struct Client;

#[instrument_metrics(name = "client")]
impl Client {
    fn get(&self) {}
}

fn main() {}
