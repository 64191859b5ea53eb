//! A call that ends while other code panics keeps its own status.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

#[instrument_metrics]
fn cleans() -> u32 {
    1
}

#[instrument_metrics]
async fn waits() {
    std::future::pending::<()>().await;
}

#[instrument_metrics]
async fn wrapped() {
    waits().await;
}

struct Cleaner;

impl Drop for Cleaner {
    fn drop(&mut self) {
        assert_eq!(cleans(), 1);
    }
}

pub(crate) fn main() {
    start();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        block_on(async {
            let _cleaner = Cleaner;
            let mut suspended = Box::pin(wrapped());
            assert!(futures::poll!(&mut suspended).is_pending());
            panic!("while another is suspended");
        });
    }));
    assert!(unwound.is_err());
    assert_eq!(counted("cleans"), "ok 1");
    assert_eq!(counted("waits"), "cancelled 1");
    assert_eq!(counted("wrapped"), "cancelled 1");
}
