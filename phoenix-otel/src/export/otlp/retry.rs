//! Attempts to send a request, by the rules of the OTLP specification: a transient failure is retried, after longer and longer pauses.

use crate::report::human;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a request is sent at most. The next export comes soon, with newer numbers.
const ATTEMPTS: u32 = 4;
/// How long the first pause is, before jitter. Each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) reason: String,
    pub(super) again: Again,
}

/// Whether the same request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Never,
    Soon,
    /// Not sooner than the receiver asks for.
    After(Duration),
}

/// The attempts of one request.
#[derive(Debug)]
pub(super) struct Attempts {
    until: Instant,
    failed: u32,
    pause: Duration,
}

impl Attempts {
    /// None yet. One that could only begin after `until` is not made.
    pub(super) fn new(until: Instant) -> Self {
        Self { until, failed: 0, pause: FIRST_PAUSE }
    }

    /// Waits until the next attempt is due.
    ///
    /// # Errors
    ///
    /// Another one is of no use, or there were enough, or it would begin too late: the reason to give up.
    pub(super) async fn after(&mut self, failure: Failure) -> Result<(), String> {
        let Failure { reason, again } = failure;
        self.failed += 1;
        let jittered = jittered(self.pause);
        let wait = match again {
            Again::Never => return Err(reason),
            _ if self.failed == ATTEMPTS => return Err(format!("after {ATTEMPTS} attempts: {reason}")),
            Again::Soon => jittered,
            // Jitter may only make it later: sooner than asked for, it would be refused again.
            Again::After(asked) => asked.saturating_add(jittered),
        };
        if self.until.saturating_duration_since(Instant::now()) <= wait {
            return Err(match again {
                Again::After(asked) => {
                    let asked = human(asked);
                    format!("{reason}; the receiver asks to wait for {asked}, longer than the timeout leaves")
                }
                _ => reason,
            });
        }
        sleep(wait).await;
        self.pause *= 2;
        Ok(())
    }
}

/// Between half of the pause and one and a half of it, so that many clients of a receiver that restarts do not return all at once.
fn jittered(pause: Duration) -> Duration {
    // The standard library has no other source of chance.
    let chance = RandomState::new().hash_one(()) % 1024;
    #[expect(clippy::cast_precision_loss, reason = "the number is small")]
    let share = chance as f64 / 1024.0;
    pause.mul_f64(0.5 + share)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn outcome(failures: &[Again], timeout: Duration) -> (Result<(), String>, Vec<Duration>) {
        let begun = Instant::now();
        let mut attempts = Vec::new();
        let mut retry = Attempts::new(begun + timeout);
        for again in failures {
            attempts.push(begun.elapsed());
            let reason = format!("failure {}", attempts.len());
            if let Err(reason) = retry.after(Failure { reason, again: *again }).await {
                return (Err(reason), attempts);
            }
        }
        attempts.push(begun.elapsed());
        (Ok(()), attempts)
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_and_vary() {
        let (result, at) = outcome(&[Again::Soon; 3], Duration::from_secs(10)).await;
        assert_eq!(result, Ok(()));
        for (pause, expected) in at.windows(2).map(|pair| pair[1] - pair[0]).zip([100u64, 200, 400]) {
            let (least, most) = (Duration::from_millis(expected / 2), Duration::from_millis(expected * 3 / 2 + 1));
            assert!(pause >= least && pause <= most, "{pause:?} for {expected} ms");
        }
        let pauses = (0..20).map(|_| jittered(FIRST_PAUSE)).collect::<std::collections::HashSet<_>>();
        assert!(pauses.len() > 1, "{pauses:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_after_some_attempts_or_with_the_first_that_is_final() {
        let (result, at) = outcome(&[Again::Soon; 9], Duration::from_secs(10)).await;
        assert_eq!((result, at.len()), (Err("after 4 attempts: failure 4".to_owned()), 4));
        let (result, at) = outcome(&[Again::Soon, Again::Never], Duration::from_secs(10)).await;
        assert_eq!((result, at.len()), (Err("failure 2".to_owned()), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_receiver_asks_for_is_kept() {
        let asked = Duration::from_secs(3);
        let (result, at) = outcome(&[Again::After(asked)], Duration::from_secs(10)).await;
        assert_eq!(result, Ok(()));
        assert!(at[1] >= asked && at[1] < asked + Duration::from_secs(1), "{at:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_where_the_time_does_not_suffice() {
        let (result, at) = outcome(&[Again::After(Duration::from_secs(60))], Duration::from_secs(10)).await;
        assert!(result.as_ref().is_err_and(|reason| reason.contains("asks to wait for 60s")), "{result:?}");
        assert_eq!(at, [Duration::ZERO]);
        let begun = Instant::now();
        outcome(&[Again::Soon; 9], Duration::from_millis(40)).await.0.unwrap_err();
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
