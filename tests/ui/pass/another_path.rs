//! phoenix-otel under another path.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(unused_imports)]

mod telemetry {
    pub(crate) mod otel {
        #[doc(hidden)]
        pub(crate) use phoenix_otel::__private;
        pub(crate) use phoenix_otel::*;
    }
}

use phoenix_otel_tests::{block_on, counted, start};
use telemetry::otel::instrument_metrics as measured;

use self::telemetry::otel;

#[measured(crate = otel)]
fn seen_elsewhere() -> Result<u32, std::fmt::Error> {
    Err(std::fmt::Error)
}

struct Client;

#[measured(crate = otel, subsystem = "other_path")]
impl Client {
    async fn renamed_later(&self) {}
}

pub(crate) fn main() {
    start();
    assert!(seen_elsewhere().is_err());
    block_on(Client.renamed_later());
    assert_eq!(counted("seen_elsewhere"), "error 1 [fmt_error 1]");
}
