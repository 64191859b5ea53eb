use phoenix_otel::instrument_metrics;

struct Client;

#[instrument_metrics]
impl Client {
    const LIMIT: u32 = 1;
}

fn main() {}
