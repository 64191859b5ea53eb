//! An outage: services that stop during the traffic, and start again.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

use super::children::Children;
use crate::load::Scenario;
use crate::role::Role;

/// The services that an outage stops: a dependency of the data router, and one of the orchestrator.
const DOWN: [Role; 2] = [Role::Llm, Role::Executor];

/// Starts and ends outages: at the times of a scenario, or on the signals SIGUSR1 and SIGUSR2.
pub(super) struct Outage {
    planned: Planned,
    is_on: bool,
    begin: Signal,
    end: Signal,
}

/// The remaining steps of a scenario, with their times.
#[derive(Clone, Copy)]
enum Planned {
    Begins(Instant, Duration),
    Ends(Instant),
    Nothing,
}

impl Planned {
    /// The outage of a scenario, if it has one: the second quarter of its duration.
    fn of(scenario: Scenario, duration: Duration, now: Instant) -> Self {
        match scenario {
            Scenario::Outage => Self::Begins(now + duration / 4, duration / 4),
            _ => Self::Nothing,
        }
    }

    /// Returns whether the services must be down from now on, or `None` if no step is due.
    fn due(&mut self, now: Instant) -> Option<bool> {
        match *self {
            Self::Begins(at, lasts) if now >= at => {
                *self = Self::Ends(now + lasts);
                Some(true)
            }
            Self::Ends(at) if now >= at => {
                *self = Self::Nothing;
                Some(false)
            }
            _ => None,
        }
    }
}

impl Outage {
    /// Installs the handlers of both signals. There is no outage yet.
    pub(super) fn none() -> std::io::Result<Self> {
        let (begin, end) = (signal(SignalKind::user_defined1())?, signal(SignalKind::user_defined2())?);
        Ok(Self { planned: Planned::Nothing, is_on: false, begin, end })
    }

    /// Plans the outage of a scenario, if it has one.
    pub(super) fn plan(&mut self, scenario: Scenario, duration: Duration) {
        self.planned = Planned::of(scenario, duration, Instant::now());
    }

    /// Waits for a signal. Returns whether the services must be down.
    pub(super) async fn asked(&mut self) -> bool {
        tokio::select! {
            _ = self.begin.recv() => true,
            _ = self.end.recv() => false,
        }
    }

    /// Runs the steps that are due.
    pub(super) fn go_on(&mut self, children: &mut Children, now: Instant) -> std::io::Result<()> {
        self.planned.due(now).map_or(Ok(()), |down| self.set(children, down))
    }

    /// Stops the services or starts them again. Does nothing if they are in that state already.
    pub(super) fn set(&mut self, children: &mut Children, down: bool) -> std::io::Result<()> {
        match (self.is_on, down) {
            (false, true) => {
                DOWN.iter().try_for_each(|role| children.crash(*role))?;
                println!("outage: llm and executor are down");
            }
            (true, false) => {
                DOWN.iter().try_for_each(|role| children.start(*role))?;
                println!("outage: llm and executor are up again");
            }
            _ => {}
        }
        self.is_on = down;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_the_second_quarter() {
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let mut planned = Planned::of(Scenario::Outage, Duration::from_secs(40), begun);
        let due = [9, 10, 11, 19, 20, 40].map(|seconds| planned.due(after(seconds)));
        assert_eq!(due, [None, Some(true), None, None, Some(false), None]);
        let mut planned = Planned::of(Scenario::Calm, Duration::from_secs(40), begun);
        assert_eq!(planned.due(after(40)), None);
    }
}
