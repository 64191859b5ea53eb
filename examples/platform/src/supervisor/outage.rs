//! An outage: neighbours that end in the middle of the traffic, and come back.

use std::time::Duration;

use tokio::time::Instant;

use super::children::Children;
use crate::load::Scenario;
use crate::role::Role;

/// Who is down: a neighbour of the data router, and one of the orchestrator.
const DOWN: [Role; 2] = [Role::Llm, Role::Executor];

/// What is still to happen, and when.
pub(super) enum Outage {
    Begins(Instant, Duration),
    Ends(Instant),
    None,
}

impl Outage {
    pub(super) fn none() -> Self {
        Self::None
    }

    /// The outage of a scenario: the second quarter of the time, if it has one.
    pub(super) fn of(scenario: Scenario, duration: Duration) -> Self {
        match scenario {
            Scenario::Outage => Self::Begins(Instant::now() + duration / 4, duration / 4),
            _ => Self::None,
        }
    }

    /// Lets happen what is due.
    pub(super) fn go_on(&mut self, children: &mut Children, now: Instant) -> std::io::Result<()> {
        match *self {
            Self::Begins(at, lasts) if now >= at => {
                DOWN.iter().try_for_each(|role| children.crash(*role))?;
                println!("outage: llm and executor are down");
                *self = Self::Ends(now + lasts);
            }
            Self::Ends(at) if now >= at => {
                DOWN.iter().try_for_each(|role| children.start(*role))?;
                println!("outage: llm and executor are started again");
                *self = Self::None;
            }
            _ => {}
        }
        Ok(())
    }
}
