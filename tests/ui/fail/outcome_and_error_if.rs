use phoenix_otel::instrument_metrics;

#[instrument_metrics(error_if = |n| *n > 9, outcome = |n| if *n > 9 { Err("large") } else { Ok(()) })]
fn plan() -> u32 {
    1
}

fn main() {}
