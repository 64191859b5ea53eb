use phoenix_otel::instrument_metrics;

trait Named {
    const NAME: &'static str;
}

#[instrument_metrics(name = T::NAME)]
fn plan<T: Named>() {}

fn main() {}
