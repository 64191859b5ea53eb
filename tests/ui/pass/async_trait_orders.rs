//! With `async_trait`, on the methods and on the block, before and after it.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use async_trait::async_trait;
use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

#[async_trait]
trait Model {
    async fn on_method(&self, text: &str) -> Result<usize, std::num::ParseIntError>;
    async fn block_before(&self, text: &str) -> Result<usize, std::num::ParseIntError>;

    #[instrument_metrics]
    async fn by_default(&self) -> u32 {
        tokio::task::yield_now().await;
        1
    }
}

#[async_trait(?Send)]
trait Local {
    async fn block_after(&mut self, n: std::rc::Rc<u32>) -> Option<u32>;
    async fn local_method(&mut self, n: std::rc::Rc<u32>) -> Option<u32>;
}

struct Small;

#[async_trait]
impl Model for Small {
    #[instrument_metrics]
    async fn on_method(&self, text: &str) -> Result<usize, std::num::ParseIntError> {
        tokio::task::yield_now().await;
        let n = text.parse()?;
        Ok(n)
    }

    async fn block_before(&self, _: &str) -> Result<usize, std::num::ParseIntError> {
        Ok(0)
    }
}

struct Large;

#[instrument_metrics]
#[async_trait]
impl Model for Large {
    async fn on_method(&self, _: &str) -> Result<usize, std::num::ParseIntError> {
        Ok(self.by_default().await as usize)
    }

    async fn block_before(&self, text: &str) -> Result<usize, std::num::ParseIntError> {
        tokio::task::yield_now().await;
        let n = text.parse()?;
        Ok(n)
    }

    #[instrument_metrics(skip)]
    async fn by_default(&self) -> u32 {
        1
    }
}

#[async_trait(?Send)]
#[instrument_metrics]
impl Local for Small {
    async fn block_after(&mut self, n: std::rc::Rc<u32>) -> Option<u32> {
        tokio::task::yield_now().await;
        n.checked_sub(1)
    }

    async fn local_method(&mut self, n: std::rc::Rc<u32>) -> Option<u32> {
        self.block_after(n).await
    }
}

pub(crate) fn main() {
    start();
    block_on(async {
        let model: Box<dyn Model + Send + Sync> = Box::new(Small);
        assert!(model.on_method("1").await.is_ok());
        assert!(model.on_method("x").await.is_err());
        drop(model.on_method("1"));
        assert!(futures::poll!(model.on_method("1")).is_pending());
        assert_eq!(model.by_default().await, 1);
        assert!(model.block_before("").await.is_ok());
        assert!(Large.block_before("x").await.is_err());
        assert!(Large.on_method("").await.is_ok());
        assert_eq!(Small.local_method(std::rc::Rc::new(0)).await, None);
    });
    assert_eq!(counted("on_method"), "ok 2, error 1 [parse_int_error 1], cancelled 1");
    assert_eq!(counted("by_default"), "ok 1");
    assert_eq!(counted("block_before"), "error 1 [parse_int_error 1]");
    assert_eq!(counted("block_after"), "error 1 [none 1]");
    assert_eq!(counted("local_method"), "error 1 [none 1]");
}
