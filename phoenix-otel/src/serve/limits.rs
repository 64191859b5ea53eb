//! The limits of the listener for its clients.

use std::time::Duration;

/// Time and size limits. The defaults suit a scrape every few seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The timeout from the first byte of a request to the end of its head, and from the start of a connection to its first request.
    pub head: Duration,
    /// The timeout from a response to the next request. It is longer than most scrape intervals, so connections are kept open.
    pub idle: Duration,
    /// The timeout of collecting and encoding. After it the response is 503.
    pub response: Duration,
    /// The timeout of collecting and encoding for a client that has closed its sending half. It may have closed the whole connection: the
    /// listener cannot distinguish the two before it writes.
    pub half_closed: Duration,
    /// The timeout from the first byte of a response to its last.
    pub write: Duration,
    /// If unread responses have reached their limit, a client that has read nothing of its response for this time is disconnected.
    pub stall: Duration,
    /// The maximum size of a request's head in bytes; at least 8192.
    pub head_size: usize,
    /// The maximum number of headers of a request.
    pub headers: usize,
    /// The maximum number of open connections; at least 2. At this number, another connection is ended for a new one.
    pub connections: usize,
    /// The timeout, after a stop, of the responses that are being sent.
    pub stop: Duration,
    /// The first backoff before binding a taken address is retried. It doubles with each retry.
    pub retry_first: Duration,
    /// The longest backoff.
    pub retry_longest: Duration,
}

impl Limits {
    /// The defaults, with at most a quarter of this process's file descriptors for connections.
    pub(crate) fn of_process() -> Self {
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let defaults = Limits::default();
        match open_files(&limits) {
            Some(files) => Limits { connections: (files / 4).clamp(2, defaults.connections), ..defaults },
            None => defaults,
        }
    }

    /// The maximum number of concurrent scrapes and requests of the live page. The other connections are kept back for `/healthz`, for
    /// rejections, and for clients that have not sent their request yet.
    pub(super) fn max_requests(&self) -> usize {
        self.connections - self.connections.div_ceil(8)
    }

    /// The maximum number of concurrent requests of the live page. The other connections are kept back for scrapes.
    pub(super) fn max_page_requests(&self) -> usize {
        self.connections.div_ceil(4)
    }
}

/// The soft limit of `Max open files` in the text of `/proc/self/limits`. `None` if it is unlimited or the text has another format.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(90),
            response: Duration::from_secs(30),
            half_closed: Duration::from_secs(1),
            write: Duration::from_secs(30),
            stall: Duration::from_secs(1),
            head_size: 16 * 1024,
            headers: 64,
            connections: 128,
            stop: Duration::from_secs(2),
            retry_first: Duration::from_secs(1),
            retry_longest: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_open_files_is_the_soft_one() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             95871                95871                processes \n\
                      Max open files            40                   1048576              files     \n";
        assert_eq!(open_files(limits), Some(40));
        assert_eq!(open_files("Max open files            unlimited            unlimited            files\n"), None);
        assert_eq!(open_files(""), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_limit_of_this_process_is_read() {
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        assert!(open_files(&limits).is_some() || limits.contains("unlimited"), "{limits}");
        assert!((2..=128).contains(&Limits::of_process().connections));
    }
}
