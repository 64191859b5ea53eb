use phoenix_otel::instrument_metrics;

struct Users;

phoenix_otel::metrics! {
    /// Time to get.
    static DURATION: Histogram = "acme.duration" { unit: "s", bounds: [1.0] };
    /// One call.
    static GET: CallSet = { duration: DURATION };
}

#[instrument_metrics(GET, prefix = "users")]
impl Users {
    fn get() {}
}

fn main() {}
