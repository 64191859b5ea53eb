//! With the attributes of a runtime, in either order.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{counted, start};

#[tokio::main(flavor = "current_thread")]
#[instrument_metrics]
async fn runtime_first() -> Result<u32, String> {
    tokio::task::yield_now().await;
    Ok(1)
}

#[instrument_metrics]
#[tokio::main(flavor = "current_thread")]
async fn runtime_after() -> Option<u32> {
    tokio::task::yield_now().await;
    None
}

#[instrument_metrics]
pub(crate) fn main() {
    start();
    assert_eq!(runtime_first(), Ok(1));
    assert_eq!(runtime_after(), None);
    assert_eq!(counted("runtime_first"), "ok 1");
    assert_eq!(counted("runtime_after"), "error 1 [none 1]");
}
