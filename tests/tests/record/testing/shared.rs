//! Shared by the modules of these tests.

use phoenix_otel::{instrument_metrics, metrics};

metrics! {
    /// Things that were counted.
    pub(super) static COUNTED: Counter { by: &str } = "testing.counted" { unit: "{thing}" };
}

/// Counts, with an await point at which a runtime may run another task, or move this one.
#[instrument_metrics(name = "testing_counts")]
pub(super) async fn counts(by: &str, times: u64) {
    for _ in 0..times {
        COUNTED.add(1, COUNTED { by });
        tokio::task::yield_now().await;
    }
}

/// The same without an await point.
#[instrument_metrics(name = "testing_counts_at_once")]
pub(super) fn counts_at_once(by: &str, times: u64) {
    for _ in 0..times {
        COUNTED.add(1, COUNTED { by });
    }
}
