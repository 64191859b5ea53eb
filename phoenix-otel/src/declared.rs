//! What the crates of the program declare, found at link time.

use crate::catalog::MetricDef;
use crate::catalog::lint::twice;
use crate::catalog::naming::Naming;
use crate::error::InitError;
use crate::instrument::Declared;
use crate::record::set::DeclaredSet;
use crate::record::site::SiteRef;

/// Where the domains of our own catalog are declared. Those of other crates are always bound at the start.
const CATALOG: &str = "phoenix_otel::catalog::";

/// Every metric that is linked into the program: those of this crate, of the service's own, and of the libraries that it uses.
///
/// A test of the service holds them to the rules, in one line:
///
/// ```
/// let findings = phoenix_otel::catalog::lint::lint(phoenix_otel::declared());
/// assert!(findings.is_empty(), "{findings:#?}");
/// ```
pub fn declared() -> impl Iterator<Item = &'static MetricDef> {
    inventory::iter::<Declared>.into_iter().map(|Declared(metric)| metric.def())
}

/// The naming of this process.
///
/// # Errors
///
/// Two declarations of one name that differ.
pub(crate) fn naming(namespace: &str, subsystem: &str, edge: &str) -> Result<Naming, InitError> {
    let conflicts: Vec<_> = twice(declared()).iter().map(|finding| format!("  {finding}")).collect();
    if !conflicts.is_empty() {
        return Err(InitError::Catalog(conflicts.join("\n")));
    }
    let mut naming = Naming::new(namespace, subsystem, edge);
    declared().for_each(|def| naming.take(def.name));
    Ok(naming)
}

/// Lets every series that is known exist at 0: those of instrumented functions, of the crates that use us, and of the domains of our
/// catalog that the service has.
pub(crate) fn zero(naming: &Naming, domains: &[String]) {
    let wanted = |module: &str| match module.strip_prefix(CATALOG) {
        Some(domain) => {
            ["sdk", "edge"].contains(&domain)
                || domain == naming.subsystem()
                || domains.iter().any(|named| named == domain)
        }
        None => true,
    };
    for Declared(metric) in inventory::iter::<Declared> {
        metric.prepare();
        if wanted(metric.def().module) {
            metric.zero();
        }
    }
    for DeclaredSet(set) in inventory::iter::<DeclaredSet> {
        let def = set.def();
        let mut metrics = [def.requests, def.duration, def.errors, def.active].into_iter().flatten();
        if metrics.all(|metric| wanted(metric.module)) {
            set.zero();
        }
    }
    for SiteRef(site) in inventory::iter::<SiteRef> {
        site.zero();
    }
}
