//! What the crates of the program declare, found at link time.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::catalog::def::cap_problem;
use crate::catalog::domain::Domains;
use crate::catalog::lint::{illegal_name, shared_names, twice};
use crate::catalog::naming::{Naming, SUBSYSTEM};
use crate::catalog::versions::versions;
use crate::catalog::{FunctionDef, MetricDef, function, unit};
use crate::error::{InitError, MetricProblem, ViewProblem};
use crate::instrument::Declared;
use crate::lock::lock;
use crate::record::edge;
use crate::record::set::DeclaredSet;
use crate::record::site::SiteRef;
use crate::report::report;
use crate::sort;
use crate::view::{self, DeclaredMetric, InstrumentKind, Streams, View};

/// Where our own metrics are declared. Those of other crates are bound at the start unless they are of a domain.
pub(crate) const CATALOG: &str = "phoenix_otel::catalog::";

/// Every metric that is linked into the program and belongs to no [`Domain`](crate::Domain): those of this crate, of the service's own, and
/// of the libraries that it uses. [`Builder::declared`](crate::Builder::declared) adds those of domains that a service activates.
///
/// A test of the service holds them to the rules, in one line; one that has domains gives the lint `builder("any").with(Acme).declared()`:
///
/// ```standalone_crate
/// let findings = phoenix_otel::catalog::lint::lint(phoenix_otel::declared());
/// assert!(findings.is_empty(), "{findings:#?}");
/// ```
pub fn declared() -> impl Iterator<Item = &'static MetricDef> {
    declared_in(Domains::default())
}

/// The metrics that are in no domain, or in one of these.
pub(crate) fn declared_in(domains: Domains) -> impl Iterator<Item = &'static MetricDef> {
    let all = inventory::iter::<Declared>.into_iter().map(|Declared(metric)| metric.def());
    all.filter(move |def| domains.is_active(def))
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
        if lock(&REPORTED).insert(finding.clone()) {
            report!(WARN, {}, "{finding}");
        }
    }
}

/// Warns of crates that are linked in two versions which declare a metric differently, once in a process.
pub(crate) fn report_versions(naming: &Naming) {
    static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    for found in versions(declared_in(naming.domains().clone())) {
        let found = found.to_string();
        if lock(&REPORTED).insert(found.clone()) {
            report!(WARN, {}, "{found}");
        }
    }
}

/// The naming of this process.
pub(crate) fn naming(namespace: &str, subsystem: &str, edge: &str, domains: Domains) -> Naming {
    let mut naming = Naming::new(namespace, subsystem, edge).with_domains(domains);
    take_names(&mut naming);
    naming
}

/// The declared metrics that have a name of what instrumented functions record.
fn taken_of_functions(naming: &Naming) -> impl Iterator<Item = (String, String)> {
    // The counter of calls gives way to a declared one, since domains have such; the others do not.
    let subsystems = inventory::iter::<SiteRef>.into_iter().map(|SiteRef(site)| site.def().subsystem).chain([None]);
    let recorded = [function::REQUEST_DURATION::DEF, function::ERRORS::DEF, function::REQUESTS_ACTIVE::DEF];
    let taken = subsystems
        .flat_map(|subsystem| recorded.map(|def| (def, subsystem)))
        .filter(|(def, subsystem)| naming.is_taken(def.name, *subsystem))
        .map(|(def, subsystem)| naming.resolve(def.name, subsystem));
    let advice = "instrumented functions record it under this name: give the declared metric, or the functions' subsystem, another";
    sort::set(taken).into_iter().map(move |name| (name, advice.to_owned()))
}

/// Names and units that the SDK would refuse without a word, and caps that are too large.
fn refused(metrics: &[DeclaredMetric]) -> BTreeSet<(String, String)> {
    let refused = metrics.iter().flat_map(|DeclaredMetric { def, name, .. }| {
        let problems = [illegal_name(name), unit::refused(def.unit), cap_problem(def.cap)];
        problems.into_iter().flatten().map(move |problem| (name.clone(), problem))
    });
    sort::set(refused)
}

/// Notes the names of all metrics that the program can record, which the functions' own counter must not take.
pub(crate) fn take_names(naming: &mut Naming) {
    declared_in(naming.domains().clone()).for_each(|def| naming.take(def.name));
}

/// The streams of every metric of the program, as these views want them. `wrong` gets what is wrong with metrics and views.
///
/// Where the naming cannot be used, which `is_named` says, nothing is known of the metrics' names, and nothing is said of what depends on them.
pub(crate) fn streams(naming: Naming, is_named: bool, views: Vec<View>, wrong: &mut InitError) -> Streams {
    let metrics = if is_named { metrics(&naming) } else { Vec::new() };
    let twice = twice(declared_in(naming.domains().clone()));
    let twice = twice.into_iter();
    wrong.metrics.extend(twice.map(|found| MetricProblem::new(found.metric, Some(found.module), found.advice)));
    let taken = is_named.then(|| taken_of_functions(&naming)).into_iter().flatten();
    wrong.metrics.extend(taken.chain(refused(&metrics)).map(|(name, advice)| MetricProblem::new(name, None, advice)));
    let of_views = view::problems(&views, &metrics).into_iter();
    wrong.views.extend(of_views.map(|(view, advice)| ViewProblem::new(Some(view), advice)));
    if wrong.metrics.is_empty() && wrong.views.is_empty() {
        let conflicts = view::conflicts(&views, &metrics).into_iter();
        wrong.views.extend(conflicts.map(|advice| ViewProblem::new(None, advice)));
    }
    let declared = view::streams(&views, &metrics);
    for view in view::unmatched(&views, &metrics) {
        tracing::debug!(view, "the view selects no declared metric; it holds for instruments of other libraries");
    }
    let versions = versions(declared_in(naming.domains().clone()));
    Streams::new(naming, views).with_versions(&versions).with_declared(&declared)
}

/// Every metric of the program under its name in this process: those that are declared, and those of instrumented functions.
fn metrics(naming: &Naming) -> Vec<DeclaredMetric> {
    // Where a metric of the subsystem has the name with other labels, that of functions is not made.
    let is_made = |def: &MetricDef| {
        naming.domains().is_active(def) && (!def.name.contains(SUBSYSTEM) || !naming.is_taken(def.name, None))
    };
    let declared = inventory::iter::<Declared>.into_iter().filter(|Declared(metric)| is_made(metric.def()));
    let declared = declared.map(|Declared(metric)| (metric.def(), metric.kind(), None));
    let mut subsystems: Vec<_> = instrumented().map(|function| function.subsystem).collect();
    sort::by(&mut subsystems, Ord::cmp);
    subsystems.dedup();
    let of_functions = subsystems.into_iter().flat_map(|subsystem| {
        let requests = function::requests(naming, subsystem);
        let defs = [requests, function::REQUEST_DURATION::DEF, function::ERRORS::DEF, function::REQUESTS_ACTIVE::DEF];
        defs.map(|def| (def, InstrumentKind::recorded(def.kind), subsystem))
    });
    let metrics = declared.chain(of_functions);
    metrics
        .map(|(def, kind, subsystem)| DeclaredMetric { def, kind, name: naming.resolve(def.name, subsystem) })
        .collect()
}

/// Reports functions that share a series and have different bounds: those of the first hold.
pub(crate) fn report_bounds() {
    let functions: Vec<_> = instrumented().collect();
    for FunctionDef { subsystem, method, bounds, .. } in &functions {
        let shares = |other: &&&FunctionDef| (other.subsystem, other.method) == (*subsystem, *method);
        if functions.iter().find(shares).is_some_and(|first| first.bounds != *bounds) {
            report!(
                WARN,
                { method },
                "functions of one name have different bounds, and share a series that has one of them: give one another `name`"
            );
        }
    }
}

/// Whether the service has this part of our catalog from the start.
fn has_from_start(part: &str) -> bool {
    match part {
        "sdk" => true,
        "edge" => edge::is_built(),
        _ => false,
    }
}

/// Lets every series that is known exist at 0: those of instrumented functions, of the crates that use us, and of the domains that the
/// service has from the start.
///
/// A function that names an active domain as its subsystem belongs to that domain: a program that may be any of several services shows the
/// functions of the one that it is.
pub(crate) fn zero(naming: &Naming) {
    let (domains, subsystem) = (naming.domains(), naming.subsystem());
    let wanted = |def: &MetricDef| match def.module.strip_prefix(CATALOG) {
        Some(part) => has_from_start(part),
        None => domains.has_from_start(def, subsystem),
    };
    for Declared(metric) in inventory::iter::<Declared> {
        if !domains.is_active(metric.def()) {
            metric.leave_out();
            continue;
        }
        // Where a metric of the subsystem has the name with other labels, the functions' own would make its instrument as theirs.
        if metric.def().name.contains(SUBSYSTEM) && naming.is_taken(metric.def().name, None) {
            continue;
        }
        metric.prepare();
        if wanted(metric.def()) {
            metric.zero();
        }
    }
    for DeclaredSet(set) in inventory::iter::<DeclaredSet> {
        if set.def().metrics().all(wanted) {
            set.zero();
        }
    }
    for SiteRef(site) in inventory::iter::<SiteRef> {
        if site.def().subsystem.is_none_or(|functions| domains.has_functions_from_start(functions, subsystem)) {
            site.zero();
        } else {
            site.prepare();
        }
    }
}
