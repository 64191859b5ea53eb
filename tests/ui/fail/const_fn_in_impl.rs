use phoenix_otel::instrument_metrics;

struct Client;

#[instrument_metrics]
impl Client {
    pub const fn new() -> Self {
        Self
    }

    pub fn get(&self) {}
}

const CLIENT: Client = Client::new();

fn main() {}
