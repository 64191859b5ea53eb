//! Polling with a deadline, in place of sleeping and hoping.

use std::fmt::Display;
use std::thread;
use std::time::{Duration, Instant};

/// The liveness bound of the tests: how long one waits for something that takes a moment on an idle machine. It only keeps a test from
/// hanging for ever, so it is long enough for a machine that has ten times as much to do as it can; a test that passes does not wait
/// that long.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// The same for one answer of a server, so that a test may ask once more.
pub const ANSWER: Duration = Duration::from_secs(60);

/// The same for work that takes some seconds on an idle machine, such as a load of the platform.
pub const WORK: Duration = Duration::from_secs(600);

/// Asks again and again until the answer is `Ok`, for at most [`PATIENCE`].
///
/// # Panics
///
/// When the time is over: with `what` was waited for and the last `Err`, so the state that was
/// last seen.
#[track_caller]
pub fn wait_until<T, E: Display>(what: &str, attempt: impl FnMut() -> Result<T, E>) -> T {
    wait_for(PATIENCE, what, attempt)
}

/// The same with a limit of one's own.
///
/// # Panics
///
/// As [`wait_until`].
#[track_caller]
pub fn wait_for<T, E: Display>(limit: Duration, what: &str, mut attempt: impl FnMut() -> Result<T, E>) -> T {
    let started = Instant::now();
    loop {
        match attempt() {
            Ok(seen) => return seen,
            Err(last) if started.elapsed() >= limit => {
                panic!("waited {limit:?} for {what}; last seen: {last}")
            }
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}
