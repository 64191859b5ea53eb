//! A limit on the rate of requests.

use std::time::Instant;

use crate::config::RateLimit;

/// A bucket of tokens. It starts full.
#[derive(Debug)]
pub(super) struct TokenBucket {
    limit: RateLimit,
    tokens: f64,
    at: Instant,
}

impl TokenBucket {
    pub(super) fn new(limit: RateLimit, now: Instant) -> Self {
        Self { limit, tokens: limit.burst.into(), at: now }
    }

    /// Takes a token. `false` if there is none.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let arrived = now.saturating_duration_since(self.at).as_secs_f64() / self.limit.interval.as_secs_f64();
        self.tokens = (self.tokens + arrived).min(self.limit.burst.into());
        self.at = self.at.max(now);
        let is_there = self.tokens >= 1.0;
        if is_there {
            self.tokens -= 1.0;
        }
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_and_then_one_request_in_each_interval() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RateLimit { interval: Duration::from_secs(2), burst: 3 }, start);
        let mut at = |millis| bucket.take(start + Duration::from_millis(millis));
        let taken: Vec<bool> = [0, 0, 0, 0, 1_000, 2_000, 2_000, 3_999, 4_000].map(&mut at).to_vec();
        assert_eq!(taken, [true, true, true, false, false, true, false, false, true]);
        // After a long pause there are no more than the burst, and time does not run back.
        let taken: Vec<bool> = [60_000, 60_000, 60_000, 60_000, 59_000].map(&mut at).to_vec();
        assert_eq!(taken, [true, true, true, false, false]);
    }

    #[test]
    fn without_a_burst_no_request_is_allowed() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RateLimit { interval: Duration::from_secs(1), burst: 0 }, start);
        assert!(!bucket.take(start + Duration::from_secs(9)));
    }
}
