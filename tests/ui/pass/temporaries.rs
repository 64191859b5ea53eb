//! The attribute does not change when a body's temporaries are dropped.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::cell::RefCell;

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn log(what: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(what.into()));
}

struct Noisy(&'static str);

impl Noisy {
    fn len(&self) -> usize {
        self.0.len()
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        log(self.0);
    }
}

macro_rules! both {
    ($($(#[$attr:meta])* $name:ident;)*) => {$(
        $(#[$attr])*
        fn $name(used: Noisy, _unused: Noisy, _: Noisy) -> usize {
            let _local = Noisy("local");
            log("body");
            drop(used);
            Noisy("temporary").len()
        }
    )*};
}

both! {
    #[instrument_metrics]
    measured;
    plain;
}

macro_rules! both_later {
    ($($(#[$attr:meta])* $name:ident;)*) => {$(
        $(#[$attr])*
        async fn $name(used: Noisy, _unused: Noisy, _: Noisy) -> usize {
            let _local = Noisy("local");
            log("body");
            tokio::task::yield_now().await;
            drop(used);
            Noisy("temporary").len()
        }
    )*};
}

both_later! {
    #[instrument_metrics]
    measured_later;
    plain_later;
}

#[instrument_metrics]
fn guarded(cell: &std::sync::Mutex<Vec<u32>>) -> usize {
    cell.lock().expect("not poisoned").len()
}

#[instrument_metrics]
async fn guarded_later(cell: &std::sync::Mutex<Vec<u32>>) -> usize {
    cell.lock().expect("not poisoned").len()
}

fn logged<R>(run: impl FnOnce() -> R) -> Vec<String> {
    run();
    LOG.with_borrow_mut(std::mem::take)
}

pub(crate) fn main() {
    start();
    let noisy = || (Noisy("used"), Noisy("unused"), Noisy("ignored"));
    let (a, b, c) = noisy();
    let with = logged(|| measured(a, b, c));
    let (a, b, c) = noisy();
    assert_eq!(with, logged(|| plain(a, b, c)));
    let (a, b, c) = noisy();
    let with = logged(|| block_on(measured_later(a, b, c)));
    let (a, b, c) = noisy();
    assert_eq!(with, logged(|| block_on(plain_later(a, b, c))));

    let cell = std::sync::Mutex::new(vec![1]);
    assert_eq!(guarded(&cell) + block_on(guarded_later(&cell)), 2);
    for method in ["measured", "measured_later", "guarded", "guarded_later"] {
        assert_eq!(counted(method), "ok 1", "{method}");
    }
}
