use phoenix_otel::instrument_metrics;

struct Numbers([u8; 2]);

#[instrument_metrics(error_if = |result| matches!(result, Err(1)))]
impl Numbers {
    fn tries(&self) -> Result<u8, u8> {
        Ok(self.0[0])
    }

    fn first(&self) -> &u8 {
        &self.0[0]
    }
}

fn main() {}
