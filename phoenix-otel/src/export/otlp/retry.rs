//! Retries of a request, by the rules of the OTLP specification: a transient failure is retried with exponential backoff.

use crate::report::format_duration;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The maximum number of attempts. After that the next export follows soon, with newer values.
const ATTEMPTS: u32 = 4;
/// The first backoff, before jitter. Each further one is twice as long.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) reason: String,
    pub(super) retry: Retry,
}

/// Whether the request may be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    Never,
    WithBackoff,
    /// A retry is allowed after the delay that the receiver requests.
    After(Duration),
}

/// The attempts of one request.
#[derive(Debug)]
pub(super) struct Attempts {
    until: Instant,
    failed: u32,
    backoff: Duration,
}

impl Attempts {
    /// No attempts yet. No attempt starts after `until`.
    pub(super) fn new(until: Instant) -> Self {
        Self { until, failed: 0, backoff: FIRST_BACKOFF }
    }

    /// Waits until the next attempt may start.
    ///
    /// # Errors
    ///
    /// Returns the reason to give up: the failure is permanent, the maximum number of attempts is reached, or the next attempt would start too late.
    pub(super) async fn after(&mut self, failure: Failure) -> Result<(), String> {
        let Failure { reason, retry } = failure;
        self.failed += 1;
        let jittered = jittered(self.backoff);
        let wait = match retry {
            Retry::Never => return Err(reason),
            _ if self.failed == ATTEMPTS => return Err(format!("after {ATTEMPTS} attempts: {reason}")),
            Retry::WithBackoff => jittered,
            // Jitter only increases this delay, because the receiver would reject an earlier attempt.
            Retry::After(delay) => delay.saturating_add(jittered),
        };
        if self.until.saturating_duration_since(Instant::now()) <= wait {
            return Err(match retry {
                Retry::After(delay) => {
                    let delay = format_duration(delay);
                    format!("{reason}; the receiver requests a delay of {delay}, which exceeds the timeout")
                }
                _ => reason,
            });
        }
        sleep(wait).await;
        self.backoff *= 2;
        Ok(())
    }
}

/// Between 50 % and 150 % of the backoff, so that the clients of a restarted receiver do not all retry at the same time.
fn jittered(backoff: Duration) -> Duration {
    // The standard library has no other source of randomness.
    let chance = RandomState::new().hash_one(()) % 1024;
    #[expect(clippy::cast_precision_loss, reason = "the number is small")]
    let share = chance as f64 / 1024.0;
    backoff.mul_f64(0.5 + share)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn outcome(failures: &[Retry], timeout: Duration) -> (Result<(), String>, Vec<Duration>) {
        let begun = Instant::now();
        let mut attempts = Vec::new();
        let mut attempts_of = Attempts::new(begun + timeout);
        for retry in failures {
            attempts.push(begun.elapsed());
            let reason = format!("failure {}", attempts.len());
            if let Err(reason) = attempts_of.after(Failure { reason, retry: *retry }).await {
                return (Err(reason), attempts);
            }
        }
        attempts.push(begun.elapsed());
        (Ok(()), attempts)
    }

    #[tokio::test(start_paused = true)]
    async fn the_backoff_doubles_and_has_jitter() {
        let (result, at) = outcome(&[Retry::WithBackoff; 3], Duration::from_secs(10)).await;
        assert_eq!(result, Ok(()));
        for (backoff, expected) in at.windows(2).map(|pair| pair[1] - pair[0]).zip([100u64, 200, 400]) {
            let (least, most) = (Duration::from_millis(expected / 2), Duration::from_millis(expected * 3 / 2 + 1));
            assert!(backoff >= least && backoff <= most, "{backoff:?} for {expected} ms");
        }
        let pauses = (0..20).map(|_| jittered(FIRST_BACKOFF)).collect::<std::collections::HashSet<_>>();
        assert!(pauses.len() > 1, "{pauses:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_after_the_last_attempt_or_at_a_permanent_failure() {
        let (result, at) = outcome(&[Retry::WithBackoff; 9], Duration::from_secs(10)).await;
        assert_eq!((result, at.len()), (Err("after 4 attempts: failure 4".to_owned()), 4));
        let (result, at) = outcome(&[Retry::WithBackoff, Retry::Never], Duration::from_secs(10)).await;
        assert_eq!((result, at.len()), (Err("failure 2".to_owned()), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn the_delay_that_the_receiver_requests_is_kept() {
        let delay = Duration::from_secs(3);
        let (result, at) = outcome(&[Retry::After(delay)], Duration::from_secs(10)).await;
        assert_eq!(result, Ok(()));
        assert!(at[1] >= delay && at[1] < delay + Duration::from_secs(1), "{at:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_does_not_wait_when_the_timeout_is_too_short() {
        let (result, at) = outcome(&[Retry::After(Duration::from_secs(60))], Duration::from_secs(10)).await;
        assert!(result.as_ref().is_err_and(|reason| reason.contains("requests a delay of 60s")), "{result:?}");
        assert_eq!(at, [Duration::ZERO]);
        let begun = Instant::now();
        outcome(&[Retry::WithBackoff; 9], Duration::from_millis(40)).await.0.unwrap_err();
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
