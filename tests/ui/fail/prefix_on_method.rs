use phoenix_otel::instrument_metrics;

struct Users;

#[instrument_metrics]
impl Users {
    #[instrument_metrics(prefix = "users")]
    fn get() {}
}

fn main() {}
