use phoenix_otel::instrument_metrics;

struct Numbers([u8; 2]);

#[instrument_metrics(error_if = Result::is_err)]
impl Numbers {
    fn first(&self) -> &u8 {
        &self.0[0]
    }
}

fn main() {}
