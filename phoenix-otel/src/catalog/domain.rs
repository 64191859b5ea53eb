//! Domains: groups of metrics of one kind of service.

use std::panic::Location;

use super::def::MetricDef;
use super::text::is_subsystem;

/// A group of metrics of one kind of service, such as `shipping` or `llm`.
///
/// [`metrics!`](crate::metrics) puts metrics into a domain with a first line `domain = SHIPPING;`. They record nothing until an
/// [`Extension`](crate::Extension) activates the domain. So a library can declare a domain without adding series to services that do not
/// use it. In a service with the active domain:
///
/// - If the service's subsystem has the domain's name, the counters, up-down counters and histograms of the domain whose label values are
///   known in advance exist at 0 from the start. The same holds for a service that [names the
///   domain](crate::Extension::domains_from_start). In other services, a series exists from its first use on.
/// - If the domain has a metric named `phoenix.shipping.requests`, functions with [`#[instrument_metrics]`](crate::instrument_metrics) in
///   the subsystem `shipping` are counted as `phoenix.shipping.calls` instead.
/// - The series of functions whose `subsystem` is the domain's name exist at 0 from the start only if the service has the domain from the
///   start.
///
/// ```
/// use phoenix_otel::{Domain, metrics};
///
/// /// The metrics of services that ship parcels.
/// pub const SHIPPING: Domain = Domain::new("shipping").activated_by("acme::telemetry::Acme");
///
/// metrics! {
///     domain = SHIPPING;
///
///     /// Parcels sent.
///     pub static PARCELS: Counter { carrier: &str } = "phoenix.shipping.parcels" { unit: "{parcel}", cap: 50 };
/// }
/// ```
///
/// Two domains are equal if they have the same name and are declared at the same place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Domain {
    name: &'static str,
    activated_by: Option<&'static str>,
    section: Option<&'static str>,
    declared: &'static Location<'static>,
}

impl Domain {
    /// Creates a domain. Its name is the subsystem of its services, in snake case, as in metric names.
    ///
    /// # Panics
    ///
    /// Panics if the name is not a valid subsystem. In a constant this is a compile error.
    #[track_caller]
    pub const fn new(name: &'static str) -> Self {
        assert!(
            is_subsystem(name.as_bytes()),
            "the name of a domain is a subsystem: use snake_case, such as `shipping`, and not the word total"
        );
        Self { name, activated_by: None, section: None, declared: Location::caller() }
    }

    /// Names the extension that activates the domain: the path of a type, or an expression that creates the extension. The warning about dropped
    /// recordings shows this text.
    pub const fn activated_by(mut self, extension: &'static str) -> Self {
        self.activated_by = Some(extension);
        self
    }

    /// Shows the domain on the live page, if it is active, in a section with this title.
    ///
    /// The section shows counters as rates, histograms as quantiles and up-down counters, each summed over its labels. Gauges cannot be
    /// summed, so they are not shown. Call sets have their own section.
    pub const fn on_page(mut self, section: &'static str) -> Self {
        self.section = Some(section);
        self
    }

    /// The title of the domain's section on the live page, if it has one.
    pub const fn section(&self) -> Option<&'static str> {
        self.section
    }

    /// The name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How to activate the domain.
    pub(crate) fn advice(&self) -> String {
        let extension = self.activated_by.unwrap_or("…");
        format!("activate it in the setup of the service: `phoenix_otel::builder(…).with({extension})`")
    }
}

/// The active domains of a process, and those that the service has from the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Domains {
    active: Vec<Domain>,
    from_start: Vec<Domain>,
}

impl Domains {
    /// Adds active domains.
    pub(crate) fn activate(&mut self, domains: impl IntoIterator<Item = Domain>) {
        self.active.extend(domains);
    }

    /// Adds active domains that the service has from the start.
    pub(crate) fn activate_from_start(&mut self, domains: impl IntoIterator<Item = Domain>) {
        let domains: Vec<Domain> = domains.into_iter().collect();
        self.active.extend(&domains);
        self.from_start.extend(domains);
    }

    /// Whether the metric is recorded: it has no domain, or its domain is active.
    pub(crate) fn is_active(&self, def: &MetricDef) -> bool {
        def.domain.is_none_or(|domain| self.active.contains(&domain))
    }

    /// Whether a service with this subsystem has the metric from the start.
    pub(crate) fn has_from_start(&self, def: &MetricDef, subsystem: &str) -> bool {
        def.domain.is_none_or(|domain| self.active.contains(&domain) && self.belongs_to(domain, subsystem))
    }

    /// Whether a service with the subsystem `subsystem` has functions of the subsystem `functions` from the start. It does unless
    /// `functions` is an active domain that the service does not have.
    pub(crate) fn has_functions_from_start(&self, functions: &str, subsystem: &str) -> bool {
        let mut named = self.active.iter().filter(|domain| domain.name == functions).peekable();
        named.peek().is_none() || named.any(|domain| self.belongs_to(*domain, subsystem))
    }

    fn belongs_to(&self, domain: Domain, subsystem: &str) -> bool {
        domain.name == subsystem || self.from_start.contains(&domain)
    }
}

#[cfg(test)]
mod tests {
    use super::super::def::Kind;
    use super::*;

    const SHIPPING: Domain = Domain::new("shipping");
    /// Of the same name, declared elsewhere.
    const OTHER_SHIPPING: Domain = Domain::new("shipping");
    const BILLING: Domain = Domain::new("billing");

    const fn metric(domain: Domain) -> MetricDef {
        MetricDef::new(Kind::Counter, "acme.parcels", "Parcels sent.", "acme").domain(domain)
    }

    fn domains(active: &[Domain], from_start: &[Domain]) -> Domains {
        let mut domains = Domains::default();
        domains.activate(active.iter().copied());
        domains.activate_from_start(from_start.iter().copied());
        domains
    }

    #[test]
    fn a_domain_is_its_name_and_its_declaration() {
        let copy = SHIPPING;
        assert_eq!(copy, SHIPPING);
        assert_ne!(SHIPPING, OTHER_SHIPPING);
        assert_ne!(SHIPPING, BILLING);
        assert!(!domains(&[OTHER_SHIPPING], &[]).is_active(&metric(SHIPPING)));
    }

    #[test]
    fn only_metrics_of_active_domains_are_recorded() {
        let shipping = domains(&[SHIPPING], &[]);
        assert!(shipping.is_active(&metric(SHIPPING)));
        assert!(!shipping.is_active(&metric(BILLING)));
        assert!(domains(&[], &[BILLING]).is_active(&metric(BILLING)), "what exists from the start is active");
        let without = MetricDef::new(Kind::Counter, "acme.orders", "Orders.", "acme");
        assert!(domains(&[], &[]).is_active(&without));
        assert!(domains(&[], &[]).has_from_start(&without, "shop"));
    }

    #[test]
    fn a_domain_belongs_to_the_service_of_its_name_and_to_those_that_name_it() {
        let shipping = domains(&[SHIPPING, BILLING], &[BILLING]);
        assert!(shipping.has_from_start(&metric(SHIPPING), "shipping"));
        assert!(!shipping.has_from_start(&metric(SHIPPING), "shop"));
        assert!(shipping.has_from_start(&metric(BILLING), "shop"));
        assert!(!domains(&[], &[]).has_from_start(&metric(SHIPPING), "shipping"), "it is not active");
    }

    #[test]
    fn functions_of_a_domain_go_with_it() {
        let shipping = domains(&[SHIPPING, BILLING], &[BILLING]);
        assert!(!shipping.has_functions_from_start("shipping", "shop"));
        assert!(shipping.has_functions_from_start("shipping", "shipping"));
        assert!(shipping.has_functions_from_start("billing", "shop"));
        assert!(shipping.has_functions_from_start("packing", "shop"), "no domain has this name");
        assert!(domains(&[], &[]).has_functions_from_start("shipping", "shop"), "it is not active");
    }

    #[test]
    fn a_domain_is_called_as_a_subsystem_can_be() {
        for right in ["shipping", "data_router", "totals", "sub_total2", "x1"] {
            assert!(is_subsystem(right.as_bytes()), "{right}");
        }
        for wrong in ["", "Ship Ping", "ship.ping", "_ship", "ship__ping", "1st", "total", "ship_total", "total_ship"] {
            assert!(!is_subsystem(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn the_advice_names_the_extension() {
        let named = SHIPPING.activated_by("acme::Acme::new()").advice();
        assert!(named.contains("`phoenix_otel::builder(…).with(acme::Acme::new())`"), "{named}");
        assert!(SHIPPING.advice().contains(".with(…)"));
    }
}
