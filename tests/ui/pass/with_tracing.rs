//! With `#[tracing::instrument]`, in either order, on every kind of function.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::future::Future;
use std::pin::Pin;

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};
use tracing::instrument;

#[instrument_metrics]
#[instrument]
fn metrics_first(n: u32) -> Result<u32, String> {
    if n == 0 { Err("zero".to_owned()) } else { Ok(n) }
}

#[instrument(err)]
#[instrument_metrics]
fn tracing_first(n: u32) -> Result<u32, String> {
    if n == 0 { Err("zero".to_owned()) } else { Ok(n) }
}

#[instrument_metrics]
#[instrument(skip_all, fields(n))]
async fn metrics_first_later(n: u32) -> Option<u32> {
    tokio::task::yield_now().await;
    in_span();
    n.checked_sub(1)
}

#[instrument(ret)]
#[instrument_metrics]
async fn tracing_first_later(n: u32) -> Option<u32> {
    tokio::task::yield_now().await;
    in_span();
    n.checked_sub(1)
}

#[instrument_metrics]
#[instrument]
fn boxed_metrics_first(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        tokio::task::yield_now().await;
        in_span();
        n
    })
}

#[instrument]
#[instrument_metrics]
fn boxed_tracing_first(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        tokio::task::yield_now().await;
        in_span();
        n
    })
}

#[instrument_metrics]
#[instrument]
fn opaque_metrics_first(n: u32) -> impl Future<Output = u32> + Send {
    async move {
        tokio::task::yield_now().await;
        in_span();
        n
    }
}

#[instrument]
#[instrument_metrics]
fn opaque_tracing_first(n: u32) -> impl Future<Output = u32> + Send {
    async move {
        tokio::task::yield_now().await;
        in_span();
        n
    }
}

#[async_trait::async_trait]
trait Traced {
    async fn trait_metrics_first(&self) -> u32;
    async fn trait_tracing_first(&self) -> u32;
}

#[async_trait::async_trait]
impl Traced for u32 {
    #[instrument_metrics]
    #[instrument]
    async fn trait_metrics_first(&self) -> u32 {
        tokio::task::yield_now().await;
        in_span();
        *self
    }

    #[instrument]
    #[instrument_metrics]
    async fn trait_tracing_first(&self) -> u32 {
        tokio::task::yield_now().await;
        in_span();
        *self
    }
}

/// The span lasts as long as the call.
fn in_span() {
    assert!(!tracing::Span::current().is_none());
}

pub(crate) fn main() {
    start();
    let _tracing = tracing::subscriber::set_default(tracing_subscriber::registry());
    assert!(metrics_first(1).is_ok() && metrics_first(0).is_err());
    assert!(tracing_first(1).is_ok() && tracing_first(0).is_err());
    block_on(async {
        assert_eq!((metrics_first_later(1).await, metrics_first_later(0).await), (Some(0), None));
        assert_eq!((tracing_first_later(1).await, tracing_first_later(0).await), (Some(0), None));
        assert_eq!(boxed_metrics_first(1).await + boxed_tracing_first(1).await, 2);
        assert_eq!(opaque_metrics_first(1).await + opaque_tracing_first(1).await, 2);
        assert_eq!(1.trait_metrics_first().await + 1.trait_tracing_first().await, 2);
    });
    for method in ["metrics_first", "tracing_first"] {
        assert_eq!(counted(method), "ok 1, error 1 [string 1]", "{method}");
    }
    for method in ["metrics_first_later", "tracing_first_later"] {
        assert_eq!(counted(method), "ok 1, error 1 [none 1]", "{method}");
    }
    for method in [
        "boxed_metrics_first",
        "boxed_tracing_first",
        "opaque_metrics_first",
        "opaque_tracing_first",
        "trait_metrics_first",
        "trait_tracing_first",
    ] {
        assert_eq!(counted(method), "ok 1", "{method}");
    }
}
