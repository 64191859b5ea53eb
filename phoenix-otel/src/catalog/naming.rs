//! Converts a definition's name into the instrument's: replaces the placeholders.

use std::collections::BTreeSet;

use super::domain::Domains;

/// The values of the placeholders of [`MetricDef::name`](super::MetricDef::name) in this process.
#[derive(Debug)]
pub(crate) struct Naming {
    namespace: String,
    subsystem: String,
    edge: String,
    domains: Domains,
    /// Resolved names of declared metrics. The counter of function calls must not use them, since the metrics have different labels.
    reserved: BTreeSet<String>,
}

/// The first part of a name that the configured namespace replaces.
const NAMESPACE: &str = "phoenix";
/// The placeholder for the service's subsystem.
pub(crate) const SUBSYSTEM: &str = "{subsystem}";
/// The placeholder for the subsystem of the edge.
const EDGE: &str = "{edge}";

impl Naming {
    /// Creates the naming of a service.
    pub(crate) fn new(namespace: impl Into<String>, subsystem: impl Into<String>, edge: impl Into<String>) -> Self {
        let (domains, reserved) = Default::default();
        Self { namespace: namespace.into(), subsystem: subsystem.into(), edge: edge.into(), domains, reserved }
    }

    /// Sets the domains.
    pub(crate) fn with_domains(self, domains: Domains) -> Self {
        Self { domains, ..self }
    }

    /// The domains of the service.
    pub(crate) fn domains(&self) -> &Domains {
        &self.domains
    }

    /// The subsystem of the service.
    pub(crate) fn subsystem(&self) -> &str {
        &self.subsystem
    }

    /// Reserves the name of a declared metric, so that no other metric uses it.
    pub(crate) fn reserve(&mut self, name: &str) {
        if !name.contains(SUBSYSTEM) {
            self.reserved.insert(self.resolve(name, None));
        }
    }

    /// Whether `name` with this subsystem is reserved.
    pub(crate) fn is_reserved(&self, name: &str, subsystem: Option<&str>) -> bool {
        self.reserved.contains(&self.resolve(name, subsystem))
    }

    /// The instrument's name. `subsystem` replaces that of the service. Empty parts are omitted.
    pub(crate) fn resolve(&self, name: &str, subsystem: Option<&str>) -> String {
        let subsystem = subsystem.unwrap_or(&self.subsystem);
        let mut resolved = String::with_capacity(name.len() + self.namespace.len() + subsystem.len());
        for (position, token) in name.split('.').enumerate() {
            let token = match token {
                NAMESPACE if position == 0 => &self.namespace,
                SUBSYSTEM => subsystem,
                EDGE => &self.edge,
                token => token,
            };
            if token.is_empty() {
                continue;
            }
            if !resolved.is_empty() {
                resolved.push('.');
            }
            resolved.push_str(token);
        }
        resolved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in() {
        let naming = Naming::new("phoenix", "data_router", "service");
        assert_eq!(naming.resolve("phoenix.{subsystem}.requests", None), "phoenix.data_router.requests");
        assert_eq!(naming.resolve("phoenix.{subsystem}.requests", Some("llm")), "phoenix.llm.requests");
        assert_eq!(naming.resolve("acme.phoenix.orders", None), "acme.phoenix.orders");
        assert_eq!(naming.resolve("phoenix.{edge}.requests", Some("llm")), "phoenix.service.requests");
        let bare = Naming::new("acme", "", "");
        assert_eq!(bare.resolve("phoenix.{subsystem}.requests", None), "acme.requests");
        assert_eq!(Naming::new("", "x", "y").resolve("phoenix.{subsystem}.requests", None), "x.requests");
    }

    #[test]
    fn a_name_with_other_labels_is_not_given_twice() {
        let mut naming = Naming::new("phoenix", "llm", "service");
        naming.reserve("phoenix.llm.requests");
        naming.reserve("phoenix.{subsystem}.requests");
        assert!(naming.is_reserved("phoenix.{subsystem}.requests", None));
        assert!(!naming.is_reserved("phoenix.{subsystem}.requests", Some("shop")));
    }
}
