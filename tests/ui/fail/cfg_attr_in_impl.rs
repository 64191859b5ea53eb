use phoenix_otel::instrument_metrics;

struct Client;

#[instrument_metrics]
impl Client {
    #[cfg_attr(all(), instrument_metrics(skip))]
    fn get(&self) {}
}

fn main() {}
