use phoenix_otel::instrument_metrics;

#[instrument_metrics(error_type)]
fn plan() -> Result<(), u8> {
    Ok(())
}

fn main() {}
