//! Functions of traits and of their impls, also async.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

trait Shape {
    type Error;

    fn area(&self) -> f64;

    #[instrument_metrics]
    fn doubled(&self) -> f64 {
        self.area() * 2.0
    }

    #[instrument_metrics]
    fn checked(&self) -> Result<f64, Self::Error>
    where
        Self: Sized,
    {
        Ok(self.area())
    }

    #[instrument_metrics]
    async fn later(&self) -> Result<f64, Self::Error> {
        tokio::task::yield_now().await;
        Ok(self.area())
    }

    #[instrument_metrics]
    fn sent(&self) -> impl std::future::Future<Output = f64> + Send
    where
        Self: Sync,
    {
        async { self.area() }
    }

    #[instrument_metrics]
    fn named() -> &'static str {
        std::any::type_name::<Self>()
    }
}

struct Square(f64);

impl Shape for Square {
    type Error = std::convert::Infallible;

    #[instrument_metrics]
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}

trait Fetch {
    async fn fetch(&self, key: &str) -> Option<u32>;
    fn fetch_sent(&self, key: &str) -> impl std::future::Future<Output = Option<u32>> + Send;
}

impl Fetch for Square {
    #[instrument_metrics]
    async fn fetch(&self, key: &str) -> Option<u32> {
        tokio::task::yield_now().await;
        key.parse().ok()
    }

    #[instrument_metrics]
    async fn fetch_sent(&self, key: &str) -> Option<u32> {
        tokio::task::yield_now().await;
        key.parse().ok()
    }
}

impl std::str::FromStr for Square {
    type Err = std::num::ParseFloatError;

    #[instrument_metrics]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Square)
    }
}

impl Iterator for Square {
    type Item = f64;

    #[instrument_metrics(error_if = |_| false)]
    fn next(&mut self) -> Option<Self::Item> {
        None
    }
}

pub(crate) fn main() {
    start();
    let square = Square(2.0);
    assert!((square.doubled() - 8.0).abs() < 1e-9);
    assert!(square.checked().is_ok());
    assert!("x".parse::<Square>().is_err());
    assert_eq!("1".parse::<Square>().unwrap().count(), 0);
    block_on(async {
        assert!(square.later().await.is_ok());
        tokio::spawn(async { Square(1.0).sent().await }).await.unwrap();
        drop(square.sent());
        assert_eq!(square.fetch("7").await, Some(7));
        tokio::spawn(async { Square(1.0).fetch_sent("").await }).await.unwrap();
    });
    assert!(Square::named().ends_with("Square"));
    assert_eq!(counted("doubled"), "ok 1");
    assert_eq!(counted("checked"), "ok 1");
    assert_eq!(counted("later"), "ok 1");
    assert_eq!(counted("sent"), "ok 1");
    assert_eq!(counted("named"), "ok 1");
    assert_eq!(counted("area"), "ok 4");
    assert_eq!(counted("fetch"), "ok 1");
    assert_eq!(counted("fetch_sent"), "error 1 [none 1]");
    assert_eq!(counted("from_str"), "ok 1, error 1 [parse_float_error 1]");
    assert_eq!(counted("next"), "ok 1");
}
