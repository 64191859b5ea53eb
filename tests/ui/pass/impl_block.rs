//! The attribute on a whole impl block.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

struct Client<E> {
    error: Option<E>,
}

#[instrument_metrics(error_type = |_| "of_block")]
impl<E: Clone> Client<E> {
    #![allow(clippy::unused_self)]

    const LIMIT: u32 = 3;

    pub(crate) fn get(&self) -> Result<u32, E> {
        self.error.clone().map_or(Ok(Self::LIMIT), Err)
    }

    async fn get_later(&self) -> Result<u32, E> {
        tokio::task::yield_now().await;
        self.error.clone().map_or(Ok(Self::LIMIT), Err)
    }

    #[instrument_metrics(skip)]
    fn left_out(&self) -> u32 {
        1
    }

    #[instrument_metrics(skip)]
    const fn constant(&self) -> u32 {
        1
    }

    #[phoenix_otel::instrument_metrics(name = "renamed", error_type = |_| "of_method")]
    fn plain(&self) -> Result<u32, E> {
        self.error.clone().map_or(Ok(1), Err)
    }

    #[instrument_metrics]
    #[must_use]
    fn inherits(&self) -> Option<u32> {
        None
    }

    #[cfg(any())]
    fn gone(&self) {}
}

struct Empty;

#[instrument_metrics(subsystem = "other")]
impl Drop for Empty {
    fn drop(&mut self) {}
}

struct Users;

#[instrument_metrics(prefix = "users")]
impl Users {
    fn get() -> u32 {
        1
    }

    /// `name` is the whole label.
    #[instrument_metrics(name = "find_user")]
    fn find() -> u32 {
        1
    }

    #[instrument_metrics(error_type = |_| "of_method")]
    async fn r#move() -> Result<u32, u32> {
        Err(1)
    }
}

pub(crate) fn main() {
    start();
    let good = Client::<String> { error: None };
    let bad = Client { error: Some(5) };
    assert!(good.get().is_ok() && bad.get().is_err());
    assert_eq!(good.left_out() + good.constant(), 2);
    assert!(good.plain().is_ok() && bad.plain().is_err());
    assert_eq!(good.inherits(), None);
    block_on(async {
        assert!(good.get_later().await.is_ok());
        assert!(bad.get_later().await.is_err());
    });
    drop(Empty);
    assert_eq!(Users::get() + Users::find(), 2);
    assert!(block_on(Users::r#move()).is_err());
    assert_eq!(counted("users.get"), "ok 1");
    assert_eq!(counted("find_user"), "ok 1");
    assert_eq!(counted("users.move"), "error 1 [of_method 1]");
    assert_eq!(counted("get"), "ok 1, error 1 [of_block 1]");
    assert_eq!(counted("get_later"), "ok 1, error 1 [of_block 1]");
    assert_eq!(counted("left_out"), "");
    assert_eq!(counted("constant"), "");
    assert_eq!(counted("plain"), "");
    assert_eq!(counted("renamed"), "ok 1, error 1 [of_method 1]");
    assert_eq!(counted("inherits"), "error 1 [of_block 1]");
}
