use phoenix_otel::instrument_metrics;

struct Users;

#[instrument_metrics(prefix = "Users::")]
impl Users {
    fn get() {}
}

fn main() {}
