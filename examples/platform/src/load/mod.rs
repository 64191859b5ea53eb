//! The load generator: users that send valid and invalid requests for a while.

mod attack;
mod clients;
mod report;
mod users;

use std::error::Error;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use clients::Clients;

/// The settings of the load generator.
pub(crate) struct Plan {
    pub(crate) scenario: Scenario,
    /// The orchestrator's URL. The orchestrator knows the addresses of the other services.
    pub(crate) target: String,
    /// It stops after this time,
    pub(crate) duration: Option<Duration>,
    /// or when each user has done this number of acts, whichever comes first.
    pub(crate) acts: Option<usize>,
    /// The file for the report, as JSON.
    pub(crate) report: Option<PathBuf>,
}

/// How the users behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// Valid requests, with short pauses.
    Calm,
    /// Invalid requests.
    Errors,
    /// Large requests, slow readers, early disconnects.
    Slow,
    /// As `calm`, while services are down: `all` stops them and starts them again.
    Outage,
    /// Each request has a unique path, goal, model, knowledge base or job.
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
        found.ok_or_else(|| format!("unknown scenario {text:?}; known: calm, errors, slow, outage, attack"))
    }
}

/// Runs the scenario until the time is over, all acts are done, or a signal arrives. Then it prints the report.
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
    // Each user finishes its current act, so that the report and the metrics count the same requests.
    clients.close();
    while users.join_next().await.is_some() {}
    let report = clients.report(plan.scenario, begun.elapsed());
    report.print();
    if let Some(path) = &plan.report {
        report.write(path).map_err(|error| format!("--report {}: {error}", path.display()))?;
    }
    Ok(())
}
