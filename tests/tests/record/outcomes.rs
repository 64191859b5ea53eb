//! Each result of a call is counted once, with the right status, and the gauge of calls in flight returns to its value.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use phoenix_otel::testing::{self, Calls};
use phoenix_otel::{ErrorType, Label, Status, instrument_metrics, metrics};
use phoenix_otel_tests::block_on;
use tokio::sync::Notify;

#[derive(Debug, ErrorType)]
enum WorkError {
    NotANumber,
    TooLarge,
}

impl From<std::num::ParseIntError> for WorkError {
    fn from(_: std::num::ParseIntError) -> Self {
        Self::NotANumber
    }
}

/// Returns the calls by status. Each has a duration, and each error a kind.
fn counted(calls: &Calls) -> String {
    assert_eq!(calls.duration.count, calls.ended());
    assert_eq!(calls.errors.values().sum::<u64>(), calls.error);
    calls.to_string()
}

async fn yields() {
    tokio::task::yield_now().await;
}

#[instrument_metrics]
async fn loses() {
    std::future::pending::<()>().await;
}

#[instrument_metrics]
async fn wins() {
    yields().await;
}

#[test]
fn the_losing_branch_of_a_select_is_cancelled() {
    let scope = testing::scope("outcomes");
    let _entered = scope.enter();
    block_on(async {
        for _ in 0..3 {
            tokio::select! {
                biased;
                () = loses() => unreachable!(),
                () = wins() => {}
            }
        }
        assert!(tokio::time::timeout(Duration::from_millis(5), loses()).await.is_err());
    });
    assert_eq!(counted(&scope.function("loses")), "cancelled 4");
    assert_eq!(counted(&scope.function("wins")), "ok 3");
}

#[instrument_metrics]
async fn aborted(started: Arc<Notify>) {
    started.notify_one();
    std::future::pending::<()>().await;
}

#[test]
fn an_aborted_task_is_cancelled() {
    let scope = testing::scope("outcomes");
    let _entered = scope.enter();
    block_on(async {
        let started = Arc::new(Notify::new());
        let task = tokio::spawn(aborted(started.clone()));
        started.notified().await;
        assert_eq!(counted(&scope.function("aborted")), "in flight 1");
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        // A task that is aborted before its first poll is not a call.
        let task = tokio::spawn(aborted(started.clone()));
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_eq!(counted(&scope.function("aborted")), "cancelled 1");
}

#[instrument_metrics]
fn panics_at_once(text: &str) -> u32 {
    text.parse().expect("a number")
}

#[instrument_metrics]
async fn panics_after_a_poll(text: &str) -> u32 {
    yields().await;
    text.parse().expect("a number")
}

#[test]
fn a_panic_is_counted_as_panic() {
    let scope = testing::scope("outcomes");
    let _entered = scope.enter();
    assert!(catch_unwind(|| panics_at_once("x")).is_err());
    block_on(async {
        assert!(tokio::spawn(panics_after_a_poll("x")).await.unwrap_err().is_panic());
        assert_eq!(panics_after_a_poll("1").await, 1);
    });
    assert_eq!(counted(&scope.function("panics_at_once")), "panic 1");
    assert_eq!(counted(&scope.function("panics_after_a_poll")), "ok 1, panic 1");
}

#[instrument_metrics]
async fn leaves(text: &str) -> Result<u32, WorkError> {
    if text.is_empty() {
        return Ok(0);
    }
    yields().await;
    let n: u32 = text.parse()?;
    if n > 9 {
        return Err(WorkError::TooLarge);
    }
    Ok(n)
}

#[test]
fn every_exit_of_a_function_is_counted() {
    let scope = testing::scope("outcomes");
    let _entered = scope.enter();
    block_on(async {
        for text in ["", "1", "x", "10", "y"] {
            let _ = leaves(text).await;
        }
        drop(leaves("never polled"));
    });
    assert_eq!(counted(&scope.function("leaves")), "ok 2, error 3 [not_a_number 2, too_large 1]");
}

#[instrument_metrics]
async fn suspended() {
    std::future::pending::<()>().await;
}

#[instrument_metrics]
fn clean_up() {}

struct Cleaner;

impl Drop for Cleaner {
    fn drop(&mut self) {
        clean_up();
    }
}

#[test]
fn a_call_dropped_by_another_panic_is_cancelled() {
    let scope = testing::scope("outcomes");
    let _entered = scope.enter();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        block_on(async {
            let _cleaner = Cleaner;
            let mut suspended = Box::pin(suspended());
            assert!(futures::poll!(&mut suspended).is_pending());
            panic!("something else");
        });
    }));
    assert!(unwound.is_err());
    assert_eq!(counted(&scope.function("suspended")), "cancelled 1");
    assert_eq!(counted(&scope.function("clean_up")), "ok 1");
}

#[derive(Clone, Copy, Label)]
enum Source {
    Ftp,
    Web,
}

metrics! {
    /// Imports by status.
    static IMPORTS: Counter { source: Source, tenant: &str, status: Status } = "outcomes.imports" { unit: "{import}" };
    /// Duration of an import.
    static IMPORT_DURATION: Histogram { source: Source, tenant: &str } = "outcomes.import.duration" { unit: "s", bounds: [0.1, 1.0] };
    /// Imports that failed.
    static IMPORT_ERRORS: Counter { source: Source, error_type: &str } = "outcomes.import.errors" { unit: "{error}" };
    /// Imports in flight.
    static IMPORTS_ACTIVE: UpDownCounter { source: Source } = "outcomes.imports.active" { unit: "{import}" };
    /// One import.
    static IMPORT: CallSet { source: Source, tenant: &str } = {
        requests: IMPORTS, duration: IMPORT_DURATION, errors: IMPORT_ERRORS, active: IMPORTS_ACTIVE
    };
}

#[instrument_metrics(IMPORT { source, tenant: &tenant })]
async fn import(source: Source, tenant: String, text: &str) -> Result<u32, WorkError> {
    drop(tenant);
    yields().await;
    Ok(text.parse()?)
}

#[test]
fn a_call_set_counts_under_its_own_labels() {
    let scope = testing::scope("outcomes");
    let _entered = scope.enter();
    block_on(async {
        let _ = import(Source::Ftp, "a".to_owned(), "1").await;
        let _ = import(Source::Ftp, "a".to_owned(), "x").await;
        let _ = import(Source::Web, "b".to_owned(), "1").await;
        drop(import(Source::Web, "b".to_owned(), "1"));
        let mut dropped = Box::pin(import(Source::Web, "b".to_owned(), "1"));
        assert!(futures::poll!(&mut dropped).is_pending());
    });
    let ftp = scope.value(&IMPORT, IMPORT { source: Source::Ftp, tenant: "a" });
    assert_eq!(counted(&ftp), "ok 1, error 1 [not_a_number 1]");
    let web = scope.value(&IMPORT, IMPORT { source: Source::Web, tenant: "b" });
    assert_eq!(counted(&web), "ok 1, cancelled 1");
}
