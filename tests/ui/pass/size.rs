//! The wrapped future does not contain a second copy of the body's future.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

macro_rules! both {
    ($($(#[$attr:meta])* $name:ident;)*) => {$(
        $(#[$attr])*
        async fn $name(n: u8) -> u8 {
            let many = [n; 4096];
            tokio::task::yield_now().await;
            many[usize::from(n)]
        }
    )*};
}

both! {
    #[instrument_metrics]
    sized;
    plain;
}

pub(crate) fn main() {
    start();
    let (with, without) = (size_of_val(&sized(1)), size_of_val(&plain(1)));
    assert!(with <= without + 96, "{with} bytes in place of {without}");
    assert_eq!(block_on(sized(1)), 1);
    assert_eq!(block_on(plain(1)), 1);
    assert_eq!(counted("sized"), "ok 1");
}
