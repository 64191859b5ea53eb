//! The six services and their addresses.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A service of the platform.
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
    /// All services, those without dependencies first, so that each finds its dependencies when it starts.
    pub(crate) const ALL: [Self; 6] =
        [Self::Executor, Self::Safety, Self::Kb, Self::Llm, Self::DataRouter, Self::Orchestrator];

    /// The name on the command line.
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

    /// The service name, unless `OTEL_SERVICE_NAME` sets another one. Metrics of its callers use it, too.
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

    /// The second token of its metric names. It depends on the role alone, not on the name of the deployment.
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

    /// The variable with its URL.
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

/// The address of each service, as `http://host:port`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Addresses(BTreeMap<Role, String>);

impl Addresses {
    /// Addresses from the variables. The default is loopback with ports from `base` on.
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
