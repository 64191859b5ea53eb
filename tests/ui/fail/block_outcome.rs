use phoenix_otel::instrument_metrics;

struct Numbers([u8; 2]);

#[instrument_metrics(outcome = |answer| answer.status)]
impl Numbers {
    fn first(&self) -> &u8 {
        &self.0[0]
    }
}

fn main() {}
