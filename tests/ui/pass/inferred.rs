//! Closures that are returned: what they take is inferred from the signature, as it is without the attribute.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(
    clippy::unnecessary_wraps,
    clippy::redundant_closure_for_method_calls,
    clippy::unused_async,
    clippy::manual_assert,
    clippy::elidable_lifetime_names,
    clippy::needless_lifetimes,
    clippy::unused_self
)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

struct Request<'r> {
    path: &'r str,
}

#[instrument_metrics]
fn inferred_gives() -> impl Fn(&str) -> usize {
    |s| s.len()
}

#[instrument_metrics]
async fn inferred_gives_later() -> impl Fn(&str) -> usize {
    tokio::task::yield_now().await;
    |s| s.len()
}

#[instrument_metrics]
async fn inferred_returns_later(early: bool) -> impl Fn(&str) -> usize {
    let least = usize::from(early);
    if early {
        return move |s| s.len() + least;
    }
    panic!("late");
}

#[instrument_metrics]
async fn inferred_both_later() -> (impl Fn(&str) -> usize, u32) {
    tokio::task::yield_now().await;
    (|s| s.len(), 1)
}

#[instrument_metrics]
fn inferred_early(n: u32) -> impl Fn(&str) -> usize {
    if n == 0 {
        panic!("none");
    }
    return move |s| s.len() + usize::try_from(n).unwrap_or_default();
}

#[instrument_metrics]
fn inferred_both() -> (impl Fn(&str) -> usize, impl FnMut(&mut Vec<u8>)) {
    (|s| s.len(), |all| all.push(1))
}

/// A reference in what is returned is that of the parameter.
#[instrument_metrics]
fn inferred_borrows<'n>(least: &'n str) -> impl Fn(&str) -> &str + use<'n> {
    let least = least.len();
    move |s| &s[least.min(s.len())..]
}

#[instrument_metrics]
fn inferred_named(least: usize) -> impl for<'a, 'b> Fn(&'a str, &'b [u8]) -> (&'a str, Option<&'b u8>) + Send {
    move |s, bytes| (s.trim(), bytes.get(least))
}

#[instrument_metrics]
fn inferred_by_path() -> impl Fn(Request<'_>, &Request<'_>) -> usize {
    |request, other| request.path.len() + other.path.len()
}

#[instrument_metrics]
fn inferred_generic<T: Clone, U: From<T>, const N: usize>() -> impl Fn(&T, [u8; N]) -> U {
    |value, _| value.clone().into()
}

#[instrument_metrics]
fn inferred_asynchronous() -> impl AsyncFn(&str) -> usize {
    async |s| s.len()
}

struct Service<Backend>(Backend);

trait Answers {
    type Answer;

    fn answer(&self) -> Self::Answer;
    fn by(&self) -> impl Fn(&Self::Answer) -> usize;
}

impl Answers for u8 {
    type Answer = String;

    fn answer(&self) -> String {
        "eight".to_owned()
    }

    #[instrument_metrics(name = "inferred_by_trait")]
    fn by(&self) -> impl Fn(&Self::Answer) -> usize {
        |answer| answer.len()
    }
}

/// Parameters that the attribute does not see.
impl<Backend: Answers> Service<Backend> {
    #[instrument_metrics]
    fn inferred_unseen(&self) -> impl Fn(&Backend, Vec<&Backend::Answer>) -> usize {
        |backend, all| {
            let _ = backend.answer();
            all.len()
        }
    }
}

#[instrument_metrics]
impl<Backend: Answers<Answer = String>> Service<Backend> {
    fn inferred_seen(&self) -> impl Fn(&Backend) -> usize {
        |backend| backend.answer().len()
    }
}

pub(crate) fn main() {
    start();
    assert_eq!(inferred_gives()("abc"), 3);
    assert_eq!(inferred_early(1)("abc"), 4);
    let (len, mut push) = inferred_both();
    let mut all = Vec::new();
    push(&mut all);
    assert_eq!((len("abc"), all), (3, vec![1]));
    assert_eq!(inferred_borrows("a")("bc"), "c");
    assert_eq!(inferred_named(0)(" a ", &[7]), ("a", Some(&7)));
    let request = || Request { path: "/a" };
    assert_eq!(inferred_by_path()(request(), &request()), 4);
    let convert = inferred_generic::<&str, String, 2>();
    assert_eq!(convert(&"a", [0; 2]), "a");
    assert_eq!(8.by()(&8.answer()), 5);
    assert_eq!(Service(8).inferred_unseen()(&8, vec![&String::new()]), 1);
    assert_eq!(Service(8).inferred_seen()(&8), 5);
    block_on(async {
        assert_eq!(inferred_gives_later().await("abc"), 3);
        assert_eq!(inferred_returns_later(true).await("abc"), 4);
        assert_eq!(inferred_both_later().await.0("abc"), 3);
        assert_eq!(inferred_asynchronous()("abc").await, 3);
    });
    for method in [
        "inferred_gives",
        "inferred_gives_later",
        "inferred_returns_later",
        "inferred_both_later",
        "inferred_early",
        "inferred_both",
        "inferred_by_trait",
        "inferred_unseen",
        "inferred_seen",
    ] {
        assert_eq!(counted(method), "ok 1", "{method}");
    }
}
