//! The six services, and where each of them is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a process of the platform is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    Orchestrator,
    DataRouter,
    Llm,
    Kb,
    Safety,
    Executor,
}

impl Role {
    /// Those without neighbours come first, so that each finds its neighbours when it starts.
    pub(crate) const ALL: [Self; 6] =
        [Self::Executor, Self::Safety, Self::Kb, Self::Llm, Self::DataRouter, Self::Orchestrator];

    /// What the command line calls it.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Orchestrator => "orchestrator",
            Self::DataRouter => "data-router",
            Self::Llm => "llm",
            Self::Kb => "kb",
            Self::Safety => "safety",
            Self::Executor => "executor",
        }
    }

    pub(crate) fn of_command(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.command() == name)
    }

    /// The service's name, unless `OTEL_SERVICE_NAME` says otherwise. Its neighbours call it so in their metrics, too.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Orchestrator => "orchestrator",
            Self::DataRouter => "data-router",
            Self::Llm => "llm",
            Self::Kb => "mind-kb",
            Self::Safety => "safety",
            Self::Executor => "executor",
        }
    }

    /// The second token of its metrics' names. It is that of the role, whichever name the service is deployed under.
    pub(crate) fn subsystem(self) -> &'static str {
        match self {
            Self::Orchestrator => "orchestrator",
            Self::DataRouter => "data_router",
            Self::Llm => "llm",
            Self::Kb => "kb",
            Self::Safety => "safety",
            Self::Executor => "executor",
        }
    }

    /// The variable that says where it is.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Orchestrator => "ORCHESTRATOR_URL",
            Self::DataRouter => "DATA_ROUTER_URL",
            Self::Llm => "LLM_URL",
            Self::Kb => "KB_URL",
            Self::Safety => "SAFETY_URL",
            Self::Executor => "EXECUTOR_URL",
        }
    }
}

/// Where each service is, as `http://host:port`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Addresses(BTreeMap<Role, String>);

impl Addresses {
    /// On loopback, at ports from `base` on, unless the variables say otherwise.
    pub(crate) fn from_environment(base: u16) -> Self {
        let ports = Role::ALL.map(|role| (role, base.saturating_add(role as u16)));
        Self::on_loopback(ports).with(|role| std::env::var(role.variable()).ok())
    }

    pub(crate) fn on_loopback(ports: [(Role, u16); 6]) -> Self {
        Self(ports.into_iter().map(|(role, port)| (role, format!("http://127.0.0.1:{port}"))).collect())
    }

    fn with(mut self, other: impl Fn(Role) -> Option<String>) -> Self {
        for (role, url) in &mut self.0 {
            if let Some(other) = other(*role) {
                *url = other.trim_end_matches('/').to_owned();
            }
        }
        self
    }

    pub(crate) fn of(&self, role: Role) -> &str {
        self.0.get(&role).map_or("", String::as_str)
    }
}
