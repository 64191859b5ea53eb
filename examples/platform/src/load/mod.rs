//! The load generator: users who ask for what the platform can do, and for what it cannot, for a while.

mod attack;
mod clients;
mod report;
mod users;

use std::error::Error;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use clients::Clients;

/// What was asked for.
pub(crate) struct Plan {
    pub(crate) scenario: Scenario,
    /// The orchestrator's URL. It knows where the others are.
    pub(crate) target: String,
    /// It ends after this time,
    pub(crate) duration: Option<Duration>,
    /// or when each user has done so much, whatever comes first.
    pub(crate) acts: Option<usize>,
    /// Where to write what was sent and what came back, as JSON.
    pub(crate) report: Option<PathBuf>,
}

/// What the users are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// They ask for what can be had, and wait a little between.
    Calm,
    /// They ask for what cannot be had.
    Errors,
    /// They ask for much, read slowly, and leave early.
    Slow,
    /// As calm, while neighbours are down: `all` ends them and starts them again.
    Outage,
    /// Each of their requests has a path, a goal, a model, a knowledge base or a job that no other has.
    Attack,
}

impl Scenario {
    const ALL: [(&str, Self); 5] = [
        ("calm", Self::Calm),
        ("errors", Self::Errors),
        ("slow", Self::Slow),
        ("outage", Self::Outage),
        ("attack", Self::Attack),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, scenario)| *scenario == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, scenario)| *scenario);
        found.ok_or_else(|| format!("{text:?} is no scenario; there are calm, errors, slow, outage, attack"))
    }
}

/// Sends what the scenario has, until the time is over, all acts are done, or the process is told to end; then says what that was.
pub(crate) async fn run(plan: Plan) -> Result<(), Box<dyn Error>> {
    let clients = Clients::connect(&plan.target).await?;
    let begun = Instant::now();
    let acts = plan.acts.unwrap_or(usize::MAX);
    let mut users = match plan.scenario {
        Scenario::Attack => attack::attackers(&clients, acts),
        other => users::users(other, &clients, acts),
    };
    tokio::select! {
        () = crate::service::stopped(plan.duration) => {}
        () = async { while users.join_next().await.is_some() {} } => {}
    }
    // Everybody ends what is under way, so that nothing is counted here that was cut off there.
    clients.close();
    while users.join_next().await.is_some() {}
    let report = clients.report(plan.scenario, begun.elapsed());
    report.print();
    if let Some(path) = &plan.report {
        report.write(path).map_err(|error| format!("--report {}: {error}", path.display()))?;
    }
    Ok(())
}
