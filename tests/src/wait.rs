//! Polling with a timeout, instead of sleeping.

use std::fmt::Display;
use std::thread;
use std::time::{Duration, Instant};

/// The liveness bound of the tests: the timeout of a wait that takes a moment on an idle machine. It only keeps a test from
/// hanging, so it is long enough for a machine under ten times its load. A test that passes does not wait
/// this long.
pub const LIVENESS: Duration = Duration::from_secs(180);

/// The timeout of one response of a server, shorter so that a test can retry.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);

/// The timeout of work that takes seconds on an idle machine, such as a load of the platform.
pub const WORK_TIMEOUT: Duration = Duration::from_secs(600);

/// Calls `attempt` until it returns `Ok`, for at most [`LIVENESS`].
///
/// # Panics
///
/// After the timeout. The message has `what` and the last `Err`, which is the state that was
/// last seen.
#[track_caller]
pub fn wait_until<T, E: Display>(what: &str, attempt: impl FnMut() -> Result<T, E>) -> T {
    wait_for(LIVENESS, what, attempt)
}

/// The same with another timeout.
///
/// # Panics
///
/// As in [`wait_until`].
#[track_caller]
pub fn wait_for<T, E: Display>(limit: Duration, what: &str, mut attempt: impl FnMut() -> Result<T, E>) -> T {
    let started = Instant::now();
    loop {
        match attempt() {
            Ok(seen) => return seen,
            Err(last) if started.elapsed() >= limit => {
                panic!("timeout after {limit:?}: waited for {what}; last: {last}")
            }
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}
