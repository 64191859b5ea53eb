//! What the listener allows a client.

use std::time::Duration;

/// How long and how large things may be. The defaults suit a scrape every few seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// From a request's first byte to the end of its head, and from a connection's start to its first request.
    pub head: Duration,
    /// From an answer to the next request. Longer than most scrape intervals, so that connections are kept.
    pub idle: Duration,
    /// To collect and encode; past it the answer is 503.
    pub answer: Duration,
    /// From the first byte of an answer to the last.
    pub write: Duration,
    /// The bytes of a request's head; at least 8192.
    pub head_size: usize,
    /// The number of headers of a request.
    pub headers: usize,
    /// Connections at once. The one that has waited longest makes room for a new one.
    pub connections: usize,
    /// How long after a stop the answers that are under way may still be taken.
    pub stop: Duration,
    /// The first pause before binding a taken address is retried; it doubles with each attempt.
    pub retry_first: Duration,
    /// The longest such pause.
    pub retry_longest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(90),
            answer: Duration::from_secs(30),
            write: Duration::from_secs(30),
            head_size: 16 * 1024,
            headers: 64,
            connections: 128,
            stop: Duration::from_secs(2),
            retry_first: Duration::from_secs(1),
            retry_longest: Duration::from_secs(30),
        }
    }
}
