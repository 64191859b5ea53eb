//! Polling with a deadline, in place of sleeping and hoping.

use std::fmt::Display;
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for something that takes a moment on an idle machine. It is long because
/// the machine may be compiling beside the test; a test that passes does not wait that long.
pub const PATIENCE: Duration = Duration::from_secs(180);

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
