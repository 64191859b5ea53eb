use phoenix_otel::instrument_metrics;

#[instrument_metrics]
const fn half(n: u32) -> u32 {
    n / 2
}

const HALF: u32 = half(4);

fn main() {}
