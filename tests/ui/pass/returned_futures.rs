//! Functions that return a future are measured until the future ends.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::future::Future;
use std::pin::Pin;

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type LocalBoxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

#[instrument_metrics]
fn opaque(n: u32) -> impl Future<Output = Result<u32, String>> + Send {
    async move {
        tokio::task::yield_now().await;
        if n == 0 { Err(String::new()) } else { Ok(n) }
    }
}

#[instrument_metrics]
fn opaque_borrowed<'a>(text: &'a str, _other: &'a str) -> impl Future<Output = usize> + 'a {
    let text = text.trim();
    async move {
        tokio::task::yield_now().await;
        text.len()
    }
}

#[instrument_metrics]
fn opaque_of_opaque() -> impl Future<Output = impl Iterator<Item = u32>> {
    async { 0..3 }
}

#[instrument_metrics]
fn opaque_ready(n: u32) -> impl Future<Output = u32> {
    if n == 0 {
        return std::future::ready(1);
    }
    std::future::ready(n)
}

#[instrument_metrics]
#[expect(clippy::type_complexity, reason = "that is the shape")]
fn boxed(
    n: u32,
) -> Pin<Box<dyn Future<Output = Result<Box<dyn std::fmt::Debug>, Box<dyn std::error::Error>>> + Send + 'static>> {
    Box::pin(async move {
        tokio::task::yield_now().await;
        if n == 0 {
            return Err("zero".into());
        }
        Ok(Box::new(n))
    })
}

#[instrument_metrics]
fn boxed_after_work(text: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
    let text = text.trim();
    if text.is_empty() {
        return Box::pin(std::future::ready(0));
    }
    Box::pin(async move {
        tokio::task::yield_now().await;
        text.len()
    })
}

#[instrument_metrics]
fn boxed_alias<'a>(text: &'a str) -> Boxed<'a, Result<usize, std::num::ParseIntError>> {
    Box::pin(async move { text.parse() })
}

#[instrument_metrics]
fn local_alias<'a>(text: &'a std::rc::Rc<String>) -> LocalBoxed<'a, usize> {
    Box::pin(async move { text.len() })
}

#[instrument_metrics]
fn boxed_by_futures(n: u32) -> futures::future::BoxFuture<'static, Option<u32>> {
    Box::pin(async move { n.checked_sub(1) })
}

#[instrument_metrics]
fn local_boxed(n: std::rc::Rc<u32>) -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(async move {
        tokio::task::yield_now().await;
        *n
    })
}

#[instrument_metrics]
fn recursive_boxed(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move { if n == 0 { 0 } else { 1 + recursive_boxed(n - 1).await } })
}

struct Service(u32);

impl Service {
    #[instrument_metrics]
    fn call(&self) -> impl Future<Output = u32> + '_ {
        async move { self.0 }
    }

    #[instrument_metrics]
    fn call_boxed<'s>(&'s mut self) -> Pin<Box<dyn Future<Output = &'s mut u32> + Send + 's>> {
        Box::pin(async move { &mut self.0 })
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

pub(crate) fn main() {
    start();
    block_on(async {
        assert_eq!(is_send(opaque(1)).await, Ok(1));
        assert!(opaque(0).await.is_err());
        drop(opaque(1));
        assert_eq!(opaque_borrowed(" a ", "").await, 1);
        assert_eq!(opaque_of_opaque().await.count(), 3);
        assert_eq!(opaque_ready(0).await, 1);
        assert!(is_send(boxed(1)).await.is_ok());
        assert!(boxed(0).await.is_err());
        assert_eq!(boxed_after_work("").await + boxed_after_work("a").await, 1);
        drop(boxed_after_work("a"));
        assert!(is_send(boxed_alias("1")).await.is_ok());
        assert!(boxed_alias("x").await.is_err());
        assert_eq!(local_alias(&std::rc::Rc::new("abc".to_owned())).await, 3);
        assert_eq!((boxed_by_futures(1).await, boxed_by_futures(0).await), (Some(0), None));
        assert_eq!(local_boxed(std::rc::Rc::new(3)).await, 3);
        assert_eq!(recursive_boxed(2).await, 2);
        let mut service = Service(1);
        *service.call_boxed().await += 1;
        assert_eq!(service.call().await, 2);
        assert!(futures::poll!(boxed(1)).is_pending());
    });
    assert_eq!(counted("opaque"), "ok 1, error 1 [string 1]");
    assert_eq!(counted("opaque_borrowed"), "ok 1");
    assert_eq!(counted("opaque_of_opaque"), "ok 1");
    assert_eq!(counted("opaque_ready"), "ok 1");
    assert_eq!(counted("boxed"), "ok 1, error 1 [boxed_error 1], cancelled 1");
    assert_eq!(counted("boxed_after_work"), "ok 2");
    assert_eq!(counted("boxed_alias"), "ok 1, error 1 [parse_int_error 1]");
    assert_eq!(counted("local_alias"), "ok 1");
    assert_eq!(counted("boxed_by_futures"), "ok 1, error 1 [none 1]");
    assert_eq!(counted("local_boxed"), "ok 1");
    assert_eq!(counted("recursive_boxed"), "ok 3");
    assert_eq!(counted("call"), "ok 1");
    assert_eq!(counted("call_boxed"), "ok 1");
}
