//! Raw identifiers, patterns, Rc in arguments, futures that are not Send.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::cell::RefCell;
use std::rc::Rc;

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

struct Point {
    x: u32,
    y: u32,
}

#[instrument_metrics]
fn r#type(r#match: u32) -> u32 {
    r#match
}

#[instrument_metrics]
async fn r#loop(r#fn: u32) -> u32 {
    tokio::task::yield_now().await;
    r#fn
}

#[instrument_metrics]
fn patterns(
    Point { x, y: other }: Point,
    (a, mut b): (u32, u32),
    [first, ..]: [u32; 3],
    _: String,
    &[n, ..]: &[u32; 3],
) -> u32 {
    b += 1;
    x + other + a + b + first + n
}

#[instrument_metrics]
async fn patterns_later(Point { x, .. }: Point, (a, mut b): (u32, Rc<u32>), _: Rc<u32>) -> u32 {
    tokio::task::yield_now().await;
    b = Rc::new(*b + 1);
    x + a + *b
}

#[instrument_metrics]
async fn local(shared: Rc<RefCell<Vec<u32>>>) -> usize {
    let other = Rc::clone(&shared);
    tokio::task::yield_now().await;
    other.borrow_mut().push(1);
    drop(other);
    shared.borrow().len()
}

#[instrument_metrics]
fn consumes(shared: Rc<RefCell<Vec<u32>>>) -> Result<Vec<u32>, Rc<RefCell<Vec<u32>>>> {
    Rc::try_unwrap(shared).map(RefCell::into_inner)
}

#[instrument_metrics]
fn calls(mut f: impl FnMut() -> u32, g: Box<dyn FnOnce(u32) -> u32>) -> u32 {
    g(f())
}

pub(crate) fn main() {
    start();
    assert_eq!(r#type(1), 1);
    assert_eq!(patterns(Point { x: 1, y: 2 }, (3, 4), [5, 6, 7], String::new(), &[1, 0, 0]), 17);
    assert!(consumes(Rc::new(RefCell::new(Vec::new()))).is_ok());
    let mut n = 0;
    let more = || {
        n += 1;
        n
    };
    assert_eq!(calls(more, Box::new(|n| n * 2)), 2);
    block_on(async {
        assert_eq!(r#loop(1).await, 1);
        assert_eq!(patterns_later(Point { x: 1, y: 0 }, (1, Rc::new(1)), Rc::new(0)).await, 4);
        assert_eq!(local(Rc::default()).await, 1);
    });
    for method in ["type", "loop", "patterns", "patterns_later", "local", "consumes", "calls"] {
        assert_eq!(counted(method), "ok 1", "{method}");
    }
}
