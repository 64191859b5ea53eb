//! What the crates of the program declare, found at link time.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::catalog::lint::{shared_names, twice};
use crate::catalog::naming::{Naming, SUBSYSTEM};
use crate::catalog::{FunctionDef, MetricDef, function};
use crate::error::InitError;
use crate::instrument::Declared;
use crate::record::set::DeclaredSet;
use crate::record::site::SiteRef;
use crate::report::report;

/// Where the domains of our own catalog are declared. Those of other crates are always bound at the start.
pub(crate) const CATALOG: &str = "phoenix_otel::catalog::";

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

/// Every instrumented function that is linked into the program, but for those that record a call set.
///
/// A test of the service holds them to the rules by [`lint::functions`](crate::catalog::lint::functions()).
pub fn instrumented() -> impl Iterator<Item = &'static FunctionDef> {
    inventory::iter::<SiteRef>.into_iter().map(|SiteRef(site)| site.def())
}

/// Warns of functions that share their series without being told to, once in a process: a test may call `init` as often as it likes.
pub(crate) fn report_shared_names(naming: &Naming) {
    static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    for finding in shared_names(instrumented(), Some(naming.subsystem())) {
        let finding = finding.to_string();
        if REPORTED.lock().unwrap_or_else(PoisonError::into_inner).insert(finding.clone()) {
            report!(WARN, {}, "{finding}");
        }
    }
}

/// The naming of this process.
///
/// # Errors
///
/// Two declarations of one name that differ, and a declared metric that has a name of what instrumented functions record.
pub(crate) fn naming(namespace: &str, subsystem: &str, edge: &str) -> Result<Naming, InitError> {
    let conflicts: Vec<_> = twice(declared()).iter().map(|finding| format!("  {finding}")).collect();
    if !conflicts.is_empty() {
        return Err(InitError::Catalog(conflicts.join("\n")));
    }
    let mut naming = Naming::new(namespace, subsystem, edge);
    take_names(&mut naming);
    // The counter of calls gives way to a declared one, since the catalog's domains have such; the others do not.
    let subsystems = inventory::iter::<SiteRef>.into_iter().map(|SiteRef(site)| site.def().subsystem).chain([None]);
    let recorded = [function::REQUEST_DURATION::DEF, function::ERRORS::DEF, function::REQUESTS_ACTIVE::DEF];
    let mut taken: Vec<_> = subsystems
        .flat_map(|subsystem| recorded.map(|def| (def, subsystem)))
        .filter(|(def, subsystem)| naming.is_taken(def.name, *subsystem))
        .map(|(def, subsystem)| naming.resolve(def.name, subsystem))
        .collect();
    taken.sort();
    taken.dedup();
    if taken.is_empty() {
        return Ok(naming);
    }
    let advice = "instrumented functions record it under this name: give the declared metric, or the functions' subsystem, another";
    let conflicts: Vec<_> = taken.iter().map(|name| format!("  `{name}`: {advice}")).collect();
    Err(InitError::Catalog(conflicts.join("\n")))
}

/// Notes the names of all declared metrics, which the functions' own counter must not take.
pub(crate) fn take_names(naming: &mut Naming) {
    declared().for_each(|def| naming.take(def.name));
}

/// Lets every series that is known exist at 0: those of instrumented functions, of the crates that use us, and of the domains of our
/// catalog that the service has.
///
/// A function that names a domain of our catalog as its subsystem belongs to that domain: a program that may be any of several services
/// shows the functions of the one that it is.
pub(crate) fn zero(naming: &Naming, domains: &[String]) {
    let has = |domain: &str| {
        ["sdk", "edge"].contains(&domain) || domain == naming.subsystem() || domains.iter().any(|named| named == domain)
    };
    let wanted = |module: &str| module.strip_prefix(CATALOG).is_none_or(has);
    let is_ours = |subsystem: &str| declared().any(|def| def.module.strip_prefix(CATALOG) == Some(subsystem));
    for Declared(metric) in inventory::iter::<Declared> {
        // Where a metric of the subsystem has the name with other labels, the functions' own would make its instrument as theirs.
        if metric.def().name.contains(SUBSYSTEM) && naming.is_taken(metric.def().name, None) {
            continue;
        }
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
        if site.def().subsystem.is_none_or(|subsystem| has(subsystem) || !is_ours(subsystem)) {
            site.zero();
        } else {
            site.prepare();
        }
    }
}
