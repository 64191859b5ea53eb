use phoenix_otel::instrument_metrics;

#[instrument_metrics]
async fn later(n: u32) -> Result<u32, String> {
    Ok(n.to_string())
}

#[instrument_metrics]
fn at_once(n: u32) -> Result<u32, String> {
    if n == 0 {
        return Err(0);
    }
    Ok(n)
}

fn main() {}
