//! Async functions: return values, and ways to exit.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

#[instrument_metrics]
async fn nothing_later() {}

#[instrument_metrics]
async fn awaits(n: u64) -> u64 {
    tokio::task::yield_now().await;
    n + nothing_much().await
}

async fn nothing_much() -> u64 {
    tokio::task::yield_now().await;
    1
}

#[instrument_metrics]
async fn question_mark_later(text: &str) -> Result<u8, std::num::ParseIntError> {
    nothing_much().await;
    let n: u8 = text.parse()?;
    Ok(n)
}

#[instrument_metrics]
async fn coerced(fails: bool) -> Result<Box<dyn std::fmt::Display>, Box<dyn std::error::Error + Send + Sync>> {
    nothing_much().await;
    if fails {
        Err("text")?;
    }
    Ok(Box::new(5))
}

#[instrument_metrics]
async fn borrowed<'a>(a: &'a str, _b: &str) -> &'a str {
    nothing_much().await;
    a
}

#[instrument_metrics]
async fn mutable_later(mut n: u32) -> u32 {
    n += 1;
    nothing_much().await;
    n
}

#[instrument_metrics]
async fn never_later() -> ! {
    nothing_much().await;
    panic!("as it must")
}

#[instrument_metrics]
async fn panics_later() {
    nothing_much().await;
    panic!("as it must")
}

#[instrument_metrics]
async fn early_later(n: u32) -> Option<u32> {
    if n == 0 {
        return None;
    }
    nothing_much().await;
    Some(n)
}

#[instrument_metrics]
async fn forever() {
    std::future::pending::<()>().await;
}

#[instrument_metrics]
async fn recursive(n: u32) -> u32 {
    if n == 0 { 0 } else { 1 + Box::pin(recursive(n - 1)).await }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

pub(crate) fn main() {
    start();
    block_on(async {
        nothing_later().await;
        assert_eq!(is_send(awaits(1)).await, 2);
        assert!(question_mark_later("1").await.is_ok());
        assert!(question_mark_later("x").await.is_err());
        assert_eq!(coerced(false).await.unwrap().to_string(), "5");
        assert!(coerced(true).await.is_err());
        assert_eq!(borrowed("a", "b").await, "a");
        assert_eq!(mutable_later(1).await, 2);
        assert!(tokio::spawn(async { never_later().await }).await.is_err());
        assert!(tokio::spawn(panics_later()).await.is_err());
        assert_eq!((early_later(0).await, early_later(1).await), (None, Some(1)));
        drop(forever());
        tokio::select! {
            biased;
            () = forever() => unreachable!(),
            () = nothing_later() => {}
        }
        assert_eq!(is_send(recursive(3)).await, 3);
    });
    assert_eq!(counted("nothing_later"), "ok 2");
    assert_eq!(counted("awaits"), "ok 1");
    assert_eq!(counted("question_mark_later"), "ok 1, error 1 [parse_int_error 1]");
    assert_eq!(counted("coerced"), "ok 1, error 1 [boxed_error 1]");
    assert_eq!(counted("borrowed"), "ok 1");
    assert_eq!(counted("mutable_later"), "ok 1");
    assert_eq!(counted("never_later"), "panic 1");
    assert_eq!(counted("panics_later"), "panic 1");
    assert_eq!(counted("early_later"), "ok 1, error 1 [none 1]");
    assert_eq!(counted("forever"), "cancelled 1");
    assert_eq!(counted("recursive"), "ok 4");
}
