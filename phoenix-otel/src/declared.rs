//! The declarations of all crates of the program, collected at link time.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::catalog::def::cap_problem;
use crate::catalog::domain::Domains;
use crate::catalog::lint::{duplicates, illegal_name, shared_names};
use crate::catalog::naming::{Naming, SUBSYSTEM};
use crate::catalog::versions::versions;
use crate::catalog::{FunctionDef, MetricDef, function, unit};
use crate::config::CardinalityLimits;
use crate::error::{InitError, MetricProblem, MetricProblemKind};
use crate::instrument::Declared;
use crate::lock::lock;
use crate::record::edge;
use crate::record::instrumented_function::InstrumentedFunctionRef;
use crate::report::report;
use crate::sort;
use crate::view::{self, DeclaredMetric, InstrumentKind, Streams, View, ViewProblem, ViewProblemKind};

/// The module path of our own catalog. Metrics of other crates are bound at the start, unless they belong to a domain.
pub(crate) const CATALOG: &str = "phoenix_otel::catalog::";

/// All metrics of the program that belong to no [`Domain`](crate::Domain): those of this crate, of the service, and of its libraries.
/// [`Builder::declared`](crate::Builder::declared) also returns those of the domains that a service activates.
///
/// A test of the service can lint them. A service with domains lints `builder("any").with(Acme).declared()` instead:
///
/// ```standalone_crate
/// let findings = phoenix_otel::catalog::lint::lint(phoenix_otel::declared());
/// assert!(findings.is_empty(), "{findings:#?}");
/// ```
pub fn declared() -> impl Iterator<Item = &'static MetricDef> {
    declared_in(Domains::default())
}

/// The metrics that belong to no domain or to one of these.
pub(crate) fn declared_in(domains: Domains) -> impl Iterator<Item = &'static MetricDef> {
    let all = inventory::iter::<Declared>.into_iter().map(|Declared(metric)| metric.def());
    all.filter(move |def| domains.is_active(def))
}

/// All instrumented functions of the program, except those that record a call set.
///
/// A test of the service can lint them with [`lint::functions`](crate::catalog::lint::functions()).
pub fn instrumented() -> impl Iterator<Item = &'static FunctionDef> {
    inventory::iter::<InstrumentedFunctionRef>.into_iter().map(|InstrumentedFunctionRef(function)| function.def())
}

/// Warns about functions that share series unintentionally. Each warning is logged once per process, because tests call `init` repeatedly.
pub(crate) fn report_shared_names(naming: &Naming) {
    static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    for finding in shared_names(instrumented(), Some(naming.subsystem())) {
        let finding = finding.to_string();
        if lock(&REPORTED).insert(finding.clone()) {
            report!(WARN, {}, "{finding}");
        }
    }
}

/// Warns about crates that are linked in two versions with different declarations of a metric. Each warning is logged once per process.
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
    reserve_names(&mut naming);
    naming
}

/// The declared metrics whose names are names of the metrics of instrumented functions.
fn names_taken_by_functions(naming: &Naming) -> impl Iterator<Item = (String, MetricProblemKind, String)> {
    // Only the counter of calls uses another name if a metric with its name is declared, because only it conflicts with metrics of domains.
    let subsystems = inventory::iter::<InstrumentedFunctionRef>
        .into_iter()
        .map(|InstrumentedFunctionRef(function)| function.def().subsystem)
        .chain([None]);
    let recorded = [function::REQUEST_DURATION::DEF, function::ERRORS::DEF, function::REQUESTS_ACTIVE::DEF];
    let taken = subsystems
        .flat_map(|subsystem| recorded.map(|def| (def, subsystem)))
        .filter(|(def, subsystem)| naming.is_reserved(def.name, *subsystem))
        .map(|(def, subsystem)| naming.resolve(def.name, subsystem));
    let advice = "instrumented functions record a metric with this name: rename the declared metric, or change the subsystem of the functions";
    sort::set(taken).into_iter().map(move |name| (name, MetricProblemKind::NameOfFunctions, advice.to_owned()))
}

/// Names and units that the SDK would silently reject, and caps that are too large.
fn refused(metrics: &[DeclaredMetric]) -> BTreeSet<(String, MetricProblemKind, String)> {
    let refused = metrics.iter().flat_map(|DeclaredMetric { def, name, .. }| {
        let problems = [
            (MetricProblemKind::Name, illegal_name(name)),
            (MetricProblemKind::Unit, unit::refused(def.unit)),
            (MetricProblemKind::Cap, cap_problem(def.cap)),
        ];
        problems.into_iter().filter_map(move |(kind, problem)| Some((name.clone(), kind, problem?)))
    });
    sort::set(refused)
}

/// Reserves the names of all metrics that the program can record, so that the counter of functions does not use them.
pub(crate) fn reserve_names(naming: &mut Naming) {
    declared_in(naming.domains().clone()).for_each(|def| naming.reserve(def.name));
}

/// The streams of all metrics of the program with these views. Adds problems of metrics and views to `wrong`.
///
/// If `names_are_valid` is false, the metric names are unknown, and checks that depend on them are skipped.
pub(crate) fn streams(
    naming: Naming,
    names_are_valid: bool,
    views: Vec<View>,
    limits: CardinalityLimits,
    wrong: &mut InitError,
) -> Streams {
    let metrics = if names_are_valid { metrics(&naming) } else { Vec::new() };
    let twice = duplicates(declared_in(naming.domains().clone()));
    let twice = twice.into_iter();
    let twice = twice.map(|found| (found.metric, found.module, found.advice));
    wrong.metrics.extend(twice.map(|(metric, module, advice)| {
        MetricProblem::new(MetricProblemKind::Duplicate, metric, Some(module), advice)
    }));
    let taken = names_are_valid.then(|| names_taken_by_functions(&naming)).into_iter().flatten();
    let invalid = taken.chain(refused(&metrics));
    wrong.metrics.extend(invalid.map(|(name, kind, advice)| MetricProblem::new(kind, name, None, advice)));
    wrong.views.extend(view::problems(&views, &metrics));
    if wrong.metrics.is_empty() && wrong.views.is_empty() {
        let conflicts = view::conflicts(&views, &limits, &metrics).into_iter();
        let kind = ViewProblemKind::Conflict;
        wrong.views.extend(conflicts.map(|advice| ViewProblem { kind, view: None, location: None, advice }));
    }
    let declared = view::streams(&views, &limits, &metrics);
    for view in view::unmatched(&views, &metrics) {
        tracing::debug!(view, "the view selects no declared metric; it applies only to instruments of other libraries");
    }
    let versions = versions(declared_in(naming.domains().clone()));
    Streams::new(naming, views).with_limits(limits).with_versions(&versions).with_declared(&declared)
}

/// All metrics of the program with their names in this process: the declared metrics and those of instrumented functions.
fn metrics(naming: &Naming) -> Vec<DeclaredMetric> {
    // If another metric has the name of a metric of functions, the metric of functions does not exist.
    let is_made = |def: &MetricDef| {
        naming.domains().is_active(def) && (!def.name.contains(SUBSYSTEM) || !naming.is_reserved(def.name, None))
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

/// Warns about functions that share a series but have different bounds: the bounds of the first function are used.
pub(crate) fn report_bounds() {
    let functions: Vec<_> = instrumented().collect();
    for FunctionDef { subsystem, method, bounds, .. } in &functions {
        let shares = |other: &&&FunctionDef| (other.subsystem, other.method) == (*subsystem, *method);
        if functions.iter().find(shares).is_some_and(|first| first.bounds != *bounds) {
            report!(
                WARN,
                { method },
                "several functions with this name share a series but have different bounds: only the bounds of one function are used; give one of them another `name`"
            );
        }
    }
}

/// Whether the series of this part of our catalog exist from the start.
fn has_from_start(part: &str) -> bool {
    match part {
        "sdk" => true,
        "edge" => edge::is_built(),
        _ => false,
    }
}

/// Creates all known series at 0: those of instrumented functions, of other crates, and of the domains that the service has from the start.
///
/// A function whose subsystem is the name of an active domain belongs to that domain: a program that can run as one of several services
/// exports only the functions of the current one.
pub(crate) fn zero(naming: &Naming) {
    let (domains, subsystem) = (naming.domains(), naming.subsystem());
    let starts_at_zero = |def: &MetricDef| match def.module.strip_prefix(CATALOG) {
        Some(part) => has_from_start(part),
        None => domains.has_from_start(def, subsystem),
    };
    for Declared(metric) in inventory::iter::<Declared> {
        if !domains.is_active(metric.def()) {
            metric.on_inactive();
            continue;
        }
        // If another metric has the name of a metric of functions, functions must not create that instrument.
        if metric.def().name.contains(SUBSYSTEM) && naming.is_reserved(metric.def().name, None) {
            continue;
        }
        metric.prepare();
        if starts_at_zero(metric.def()) {
            metric.zero();
        }
    }
    for InstrumentedFunctionRef(function) in inventory::iter::<InstrumentedFunctionRef> {
        if function.def().subsystem.is_none_or(|functions| domains.has_functions_from_start(functions, subsystem)) {
            function.zero();
        } else {
            function.prepare();
        }
    }
}
