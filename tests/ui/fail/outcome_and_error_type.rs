use phoenix_otel::instrument_metrics;

#[instrument_metrics(outcome = |n| if *n > 9 { Err("large") } else { Ok(()) }, error_type = |_| "small")]
fn plan() -> u32 {
    1
}

fn main() {}
