use phoenix_otel::instrument_metrics;

struct Numbers([u8; 2]);

#[instrument_metrics(error_if = |result: &Result<u8, String>| result.is_err())]
impl Numbers {
    fn tries(&self) -> Result<u8, String> {
        Ok(self.0[0])
    }

    fn first(&self) -> &u8 {
        &self.0[0]
    }
}

fn main() {}
