use phoenix_otel::instrument_metrics;

struct Client;

#[instrument_metrics(skip)]
impl Client {
    fn get(&self) {}
}

fn main() {}
