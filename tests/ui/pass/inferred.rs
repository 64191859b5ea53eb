//! Returned closures: the types of their parameters are inferred from the signature, as without the attribute.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(
    clippy::unnecessary_wraps,
    clippy::redundant_closure_for_method_calls,
    clippy::unused_async,
    clippy::manual_assert,
    clippy::elidable_lifetime_names,
    clippy::needless_lifetimes,
    clippy::needless_return,
    clippy::never_loop,
    clippy::unused_self
)]

use std::fmt::Debug;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use futures::FutureExt as _;
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

/// A returned reference has the lifetime of the parameter.
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

#[instrument_metrics]
fn inferred_from_block(short: bool) -> impl Fn(&str) -> usize {
    'found: {
        if short {
            break 'found |s| s.len();
        }
        panic!("long");
    }
}

#[instrument_metrics]
fn inferred_from_loop() -> impl Fn(&str) -> usize {
    loop {
        break |s| s.len();
    }
}

struct Word(String);

type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[instrument_metrics]
fn inferred_object() -> impl Fn(&dyn Debug) -> String {
    |shown| format!("{shown:?}")
}

#[instrument_metrics]
fn inferred_boxed<'a>() -> impl Fn(&'a Word) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    |word| Box::pin(async move { word.0.len() })
}

#[instrument_metrics]
fn inferred_boxed_for_each() -> impl for<'a> Fn(&'a Word) -> Later<'a, usize> {
    |word| Box::pin(async move { word.0.len() })
}

#[instrument_metrics]
fn inferred_iterates() -> impl for<'a> Fn(&'a [Word]) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    |words| Box::new(words.iter().map(|word| word.0.as_str()))
}

#[instrument_metrics]
fn inferred_array() -> impl Fn([&str; 2]) -> usize {
    |[first, second]| first.len() + second.len()
}

#[instrument_metrics]
fn inferred_function() -> impl Fn(fn(&str) -> usize) -> usize {
    |len| len("abc")
}

#[instrument_metrics]
async fn inferred_in_parentheses() -> impl Fn(&dyn Debug) -> String {
    #[allow(unused_parens)]
    (|shown| format!("{shown:?}"))
}

/// In a match arm nothing is inferred, even without the attribute.
#[instrument_metrics]
async fn inferred_by_arms(n: Option<u32>) -> impl Fn(&[&str]) -> usize {
    tokio::task::yield_now().await;
    match n {
        Some(0) => panic!("none"),
        None => todo!(),
        Some(n) => {
            tokio::task::yield_now().await;
            let n = usize::try_from(n).unwrap_or_default();
            move |all: &[&str]| all.len() + n
        }
    }
}

/// The closure may implement a custom trait.
trait Judges: Fn(&str) -> bool {}

impl<J: Fn(&str) -> bool> Judges for J {}

#[instrument_metrics]
fn inferred_by_supertrait() -> impl Judges {
    |s| s.is_empty()
}

/// If a macro produces the closure, or an option judges it, it states the type of its parameter.
macro_rules! shows {
    () => {
        |shown: &dyn Debug| format!("{shown:?}")
    };
}

#[instrument_metrics]
fn inferred_not_from_macro() -> impl Fn(&dyn Debug) -> String {
    shows!()
}

#[instrument_metrics(error_if = |_| true)]
fn inferred_not_judged<'a>() -> impl Fn(&'a Word) -> Later<'a, usize> {
    |word: &'a Word| -> Later<'a, usize> { Box::pin(async move { word.0.len() }) }
}

fn same<F: for<'a> Fn(&'a Word) -> Later<'a, usize>>(f: F) -> F {
    f
}

#[instrument_metrics(ok_if = |_| true)]
fn inferred_by_bound() -> impl for<'a> Fn(&'a Word) -> Later<'a, usize> {
    same(|word| Box::pin(async move { word.0.len() }))
}

/// A function that returns a boxed value.
#[instrument_metrics]
fn inferred_own_box<'a>(words: &'a [Word]) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    Box::new(words.iter().map(|word| word.0.as_str()))
}

#[instrument_metrics]
async fn inferred_own_boxed_closure() -> Box<dyn Fn(&dyn Debug) -> Box<dyn Debug + '_>> {
    Box::new(|shown| Box::new(format!("{shown:?}")))
}

/// A drop before the end is a cancellation.
#[instrument_metrics]
async fn inferred_never(wait: bool) -> impl Fn(&str) -> usize {
    if wait {
        std::future::pending::<()>().await;
    }
    |s| s.len()
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

/// Type parameters that are not visible to the attribute.
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
    assert_eq!((inferred_from_block(true)("abc"), inferred_from_loop()("abc")), (3, 3));
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
    let word = Word("abc".to_owned());
    assert_eq!(inferred_object()(&1), "1");
    assert_eq!(inferred_iterates()(std::slice::from_ref(&word)).collect::<Vec<_>>(), ["abc"]);
    assert_eq!(inferred_array()(["a", "bc"]), 3);
    assert_eq!(inferred_function()(str::len), 3);
    assert!(inferred_by_supertrait()(""));
    assert_eq!(inferred_own_box(std::slice::from_ref(&word)).count(), 1);
    assert_eq!(inferred_not_from_macro()(&1), "1");
    block_on(async {
        assert_eq!(inferred_boxed()(&word).await, 3);
        assert_eq!(inferred_boxed_for_each()(&word).await, 3);
        assert_eq!(inferred_not_judged()(&word).await, 3);
        assert_eq!(inferred_by_bound()(&word).await, 3);
        assert_eq!(format!("{:?}", inferred_own_boxed_closure().await(&1)), "\"1\"");
        assert_eq!(inferred_in_parentheses().await(&1), "1");
        assert_eq!(inferred_by_arms(Some(1)).await(&["a"]), 2);
    });
    assert_eq!(counted("inferred_not_judged"), "error 1 [rejected 1]");

    // The other ends.
    assert!(catch_unwind(|| inferred_early(0)).is_err());
    assert_eq!(counted("inferred_early"), "ok 1, panic 1");
    assert!(catch_unwind(|| inferred_from_block(false)).is_err());
    assert_eq!(counted("inferred_from_block"), "ok 1, panic 1");
    assert!(block_on(AssertUnwindSafe(inferred_by_arms(Some(0))).catch_unwind()).is_err());
    assert_eq!(counted("inferred_by_arms"), "ok 1, panic 1");
    assert!(inferred_never(true).now_or_never().is_none());
    assert_eq!(inferred_never(false).now_or_never().expect("a closure")("abc"), 3);
    assert_eq!(counted("inferred_never"), "ok 1, cancelled 1");

    for method in [
        "inferred_object",
        "inferred_boxed",
        "inferred_boxed_for_each",
        "inferred_iterates",
        "inferred_array",
        "inferred_function",
        "inferred_in_parentheses",
        "inferred_by_supertrait",
        "inferred_by_bound",
        "inferred_own_box",
        "inferred_own_boxed_closure",
        "inferred_not_from_macro",
        "inferred_from_loop",
        "inferred_gives",
        "inferred_gives_later",
        "inferred_returns_later",
        "inferred_both_later",
        "inferred_both",
        "inferred_by_trait",
        "inferred_unseen",
        "inferred_seen",
    ] {
        assert_eq!(counted(method), "ok 1", "{method}");
    }
}
