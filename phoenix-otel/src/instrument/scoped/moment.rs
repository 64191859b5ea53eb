//! Moments of clients, whose calls may begin before anything is bound.

use std::time::{Duration, Instant};

use super::current;

/// A moment, by the clock of the scope that the thread is in, or else by that of the system.
#[derive(Clone, Debug)]
pub(crate) enum Moment {
    OfSystem(Instant),
    OfScope(quanta::Clock, u64),
}

impl Moment {
    pub(crate) fn now() -> Self {
        match current() {
            Some(scoped) => {
                let clock = scoped.binding.clock().clone();
                let now = clock.raw();
                Self::OfScope(clock, now)
            }
            None => Self::OfSystem(Instant::now()),
        }
    }

    /// The time since.
    pub(crate) fn elapsed(&self) -> Duration {
        match self {
            Self::OfSystem(moment) => moment.elapsed(),
            Self::OfScope(clock, moment) => clock.delta(*moment, clock.raw()),
        }
    }
}
