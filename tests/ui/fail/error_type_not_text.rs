use phoenix_otel::instrument_metrics;

#[instrument_metrics(error_type = |error: &std::io::Error| error.raw_os_error())]
fn plan() -> std::io::Result<()> {
    Ok(())
}

fn main() {}
