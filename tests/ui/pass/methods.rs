//! Inherent methods with every kind of self.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

#[derive(Default)]
struct Store {
    items: Vec<String>,
    count: u32,
}

impl Store {
    #[instrument_metrics]
    fn by_ref(&self) -> &str {
        self.items.first().map_or("", String::as_str)
    }

    #[instrument_metrics]
    fn by_mut(&mut self) -> &mut String {
        self.count += 1;
        self.items.push(String::new());
        self.items.last_mut().expect("one was pushed")
    }

    #[instrument_metrics]
    fn by_value(self) -> Vec<String> {
        self.items
    }

    #[instrument_metrics]
    fn by_mut_value(mut self) -> Self {
        self.count += 1;
        self
    }

    #[instrument_metrics]
    fn by_box(self: Box<Self>) -> u32 {
        self.count
    }

    #[instrument_metrics]
    fn by_rc(self: Rc<Self>) -> u32 {
        self.count
    }

    #[instrument_metrics]
    fn by_arc(self: &Arc<Self>) -> Arc<Self> {
        Arc::clone(self)
    }

    #[instrument_metrics]
    fn by_pin(self: Pin<&mut Self>) -> u32 {
        let this = self.get_mut();
        this.count += 1;
        this.count
    }

    #[instrument_metrics]
    fn without_self(count: u32) -> Self {
        Self { items: Vec::new(), count }
    }

    #[instrument_metrics]
    fn two_lifetimes<'s, 'k>(&'s self, _key: &'k str) -> Option<&'s str>
    where
        'k: 's,
    {
        self.items.first().map(String::as_str)
    }

    #[instrument_metrics]
    fn whichever<'s>(&'s self, other: &'s str) -> &'s str {
        self.items.first().map_or(other, |item| item)
    }

    #[instrument_metrics]
    async fn by_ref_later(&self) -> Result<&str, String> {
        tokio::task::yield_now().await;
        self.items.first().map(String::as_str).ok_or_else(|| "empty".to_owned())
    }

    #[instrument_metrics]
    async fn by_mut_later(&mut self, item: &str) -> &mut String {
        tokio::task::yield_now().await;
        self.items.push(item.to_owned());
        self.items.last_mut().expect("one was pushed")
    }

    #[instrument_metrics]
    async fn by_value_later(self) -> u32 {
        tokio::task::yield_now().await;
        self.count
    }

    #[instrument_metrics]
    async fn by_arc_later(self: Arc<Self>) -> u32 {
        tokio::task::yield_now().await;
        self.count
    }

    #[instrument_metrics]
    async fn by_pin_later(self: Pin<&mut Self>) -> u32 {
        tokio::task::yield_now().await;
        self.count
    }
}

pub(crate) fn main() {
    start();
    let mut store = Store::without_self(1);
    store.by_mut().push('a');
    assert_eq!(store.by_ref(), "a");
    assert_eq!(store.two_lifetimes("k"), Some("a"));
    assert_eq!(store.whichever("b"), "a");
    assert_eq!(Pin::new(&mut store).by_pin(), 3);
    let store = store.by_mut_value();
    assert_eq!(store.by_value(), ["a"]);
    assert_eq!(Box::new(Store::default()).by_box(), 0);
    assert_eq!(Rc::new(Store::default()).by_rc(), 0);
    assert_eq!(Arc::new(Store::default()).by_arc().count, 0);
    block_on(async {
        let mut store = Store::default();
        assert!(store.by_ref_later().await.is_err());
        store.by_mut_later("x").await.push('y');
        assert_eq!(store.by_ref_later().await, Ok("xy"));
        assert_eq!(Pin::new(&mut store).by_pin_later().await, 0);
        assert_eq!(store.by_value_later().await, 0);
        assert_eq!(Arc::new(Store::default()).by_arc_later().await, 0);
    });
    for method in [
        "by_ref",
        "by_mut",
        "by_value",
        "by_mut_value",
        "by_box",
        "by_rc",
        "by_arc",
        "by_pin",
        "without_self",
        "two_lifetimes",
        "whichever",
        "by_mut_later",
        "by_value_later",
        "by_arc_later",
        "by_pin_later",
    ] {
        assert_eq!(counted(method), "ok 1", "{method}");
    }
    assert_eq!(counted("by_ref_later"), "ok 1, error 1 [string 1]");
}
