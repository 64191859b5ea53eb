//! Which metrics the history keeps, and what the page makes of them.

use crate::catalog::MetricDef;

/// What the page shows a metric as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Of instrumented functions.
    Functions,
    /// Of the requests that the service answers.
    Routes,
    /// Of a call set.
    Calls,
    Breakers,
    /// Of a domain that has a section.
    Domain,
    Process,
    /// Of the telemetry itself.
    Telemetry,
}

/// What a metric is within its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Requests,
    Duration,
    Errors,
    Active,
    /// What else the group has, told by its name.
    Value,
}

/// A metric that the history keeps.
#[derive(Clone, Debug)]
pub(crate) struct Tracked {
    def: &'static MetricDef,
    pub(super) group: Group,
    pub(super) role: Role,
    /// What joins the metrics of one call set.
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

    /// One of the metrics of a call set.
    pub(crate) fn of_set(self, set: &'static str) -> Self {
        Self { set: Some(set), ..self }
    }

    /// Whether the definition is that of this metric. A name is declared once in a domain; the address of a constant may be several.
    pub(super) fn is(&self, def: &MetricDef) -> bool {
        (self.def.name, self.def.module) == (def.name, def.module)
    }

    /// What the instrument's name has in common with the others of the same calls: what stands before the words that the definition has
    /// after its placeholder.
    pub(super) fn family(&self, instrument: &str) -> String {
        if let Some(set) = self.set {
            return set.to_owned();
        }
        let own = self.def.name.rsplit_once('}').map_or("", |(_, own)| own);
        instrument.strip_suffix(own).unwrap_or(instrument).to_owned()
    }

    /// The title of the section that shows it; nothing where the group has one place.
    pub(super) fn section(&self) -> &'static str {
        let domain = self.def.domain.filter(|_| self.group == Group::Domain);
        domain.and_then(|domain| domain.section()).unwrap_or_default()
    }

    pub(super) fn def(&self) -> &'static MetricDef {
        self.def
    }
}
