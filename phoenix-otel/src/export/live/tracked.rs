//! The metrics that the history keeps, and how the page shows them.

use crate::catalog::MetricDef;

/// The part of the page that shows a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Instrumented functions.
    Functions,
    /// Requests to the service.
    Routes,
    /// Call sets.
    Calls,
    Breakers,
    /// A domain that has its own section.
    Domain,
    Process,
    /// The telemetry itself.
    Telemetry,
}

/// The role of a metric within its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Requests,
    Duration,
    Errors,
    Active,
    /// Any other metric of the group, shown by its name.
    Value,
}

/// A metric that the history keeps.
#[derive(Clone, Debug)]
pub(crate) struct Tracked {
    def: &'static MetricDef,
    pub(super) group: Group,
    pub(super) role: Role,
    /// Groups the metrics of one call set.
    set: Option<&'static str>,
}

impl Group {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Functions => "functions",
            Self::Routes => "routes",
            Self::Calls => "calls",
            Self::Breakers => "breakers",
            Self::Domain => "domain",
            Self::Process => "process",
            Self::Telemetry => "telemetry",
        }
    }
}

impl Role {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Duration => "duration",
            Self::Errors => "errors",
            Self::Active => "active",
            Self::Value => "value",
        }
    }
}

impl Tracked {
    pub(crate) fn new(def: &'static MetricDef, group: Group, role: Role) -> Self {
        Self { def, group, role, set: None }
    }

    /// A metric of a call set.
    pub(crate) fn of_set(self, set: &'static str) -> Self {
        Self { set: Some(set), ..self }
    }

    /// Whether this metric has that definition. Compares name and module, because a constant may have several addresses.
    pub(super) fn is(&self, def: &MetricDef) -> bool {
        (self.def.name, self.def.module) == (def.name, def.module)
    }

    /// The common prefix of instrument names about the same calls: the name without the words that follow the placeholder in the
    /// definition.
    pub(super) fn family(&self, instrument: &str) -> String {
        if let Some(set) = self.set {
            return set.to_owned();
        }
        let own = self.def.name.rsplit_once('}').map_or("", |(_, own)| own);
        instrument.strip_suffix(own).unwrap_or(instrument).to_owned()
    }

    /// The title of the page's section; empty if the group has a fixed place.
    pub(super) fn section(&self) -> &'static str {
        let domain = self.def.domain.filter(|_| self.group == Group::Domain);
        domain.and_then(|domain| domain.section()).unwrap_or_default()
    }

    pub(super) fn def(&self) -> &'static MetricDef {
        self.def
    }
}
