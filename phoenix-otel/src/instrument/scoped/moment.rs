//! Start times of client calls, which may begin before `init`.

use std::time::{Duration, Instant};

use super::current;

/// A point in time, by the clock of the current scope, or else by the system's clock.
#[derive(Clone, Debug)]
pub(crate) enum Moment {
    System(Instant),
    Scope(quanta::Clock, u64),
}

impl Moment {
    pub(crate) fn now() -> Self {
        match current() {
            Some(scoped) => {
                let clock = scoped.binding.clock().clone();
                let now = clock.raw();
                Self::Scope(clock, now)
            }
            None => Self::System(Instant::now()),
        }
    }

    /// The time since this moment.
    pub(crate) fn elapsed(&self) -> Duration {
        match self {
            Self::System(moment) => moment.elapsed(),
            Self::Scope(clock, moment) => clock.delta(*moment, clock.raw()),
        }
    }
}
