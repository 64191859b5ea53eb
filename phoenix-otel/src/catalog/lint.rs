//! The lint: rules that a definition must follow so that all exporters use the same name for it.
//!
//! It is pure, so a service can check its definitions in a test.
//!
//! ```
//! use phoenix_otel::catalog::lint;
//!
//! phoenix_otel::metrics! {
//!     /// Orders booked.
//!     static BOOKED: Gauge = "acme.orders.count";
//! }
//!
//! let findings = lint::lint([BOOKED::DEF]);
//! assert_eq!(findings[0].metric, "acme.orders.count");
//! println!("{}", findings[0]); // what is wrong, and how to fix it
//! ```

mod duplicates;
mod functions;
mod labels;
mod name;
mod series;

use std::fmt;

use super::def::MetricDef;

pub(crate) use duplicates::difference;
pub use duplicates::duplicates;
pub(crate) use functions::shared_names;
pub use functions::{FunctionFinding, functions};
pub(crate) use name::{flat, illegal as illegal_name, refused as refused_name, total as total_in_name};

/// A problem of a definition, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The metric's name, with its placeholders.
    pub metric: &'static str,
    /// The declaring module.
    pub module: &'static str,
    /// The problem, and how to fix it.
    pub advice: String,
}

impl Finding {
    fn of(def: &MetricDef, advice: String) -> Self {
        Self { metric: def.name, module: def.module, advice }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, declared in {}: {}", self.metric, self.module, self.advice)
    }
}

/// A rule checks one definition and reports its problems.
type Rule = fn(&MetricDef, &mut dyn FnMut(String));

const RULES: [Rule; 8] = [
    name::is_legal,
    name::has_no_reserved_token,
    name::ends_well,
    series::unit_is_known,
    labels::are_legal,
    series::description_is_there,
    series::bounds_ascend,
    series::cap_is_right,
];

/// Checks every definition against all rules, and checks that no two definitions share a name.
pub fn lint<'d>(defs: impl IntoIterator<Item = &'d MetricDef>) -> Vec<Finding> {
    lint_with_exceptions(defs, &[])
}

/// Like [`lint`], but some metrics may break a rule. `accepted` contains their names, each with the reason.
///
/// ```
/// use phoenix_otel::catalog::lint;
///
/// phoenix_otel::metrics! {
///     /// Orders booked.
///     static BOOKED: Gauge = "acme.orders.count";
/// }
///
/// assert_eq!(lint::lint([BOOKED::DEF]).len(), 1); // `_count` ends the names of histograms' series
/// assert_eq!(lint::lint_with_exceptions([BOOKED::DEF], &[("acme.orders.count", "dashboards have this name")]), []);
/// ```
///
/// Duplicate names cannot be accepted, since `init` rejects them. An accepted name that breaks no rule is itself a finding.
pub fn lint_with_exceptions<'d>(
    defs: impl IntoIterator<Item = &'d MetricDef>,
    accepted: &[(&'static str, &'static str)],
) -> Vec<Finding> {
    let defs: Vec<&MetricDef> = defs.into_iter().collect();
    let mut findings = Vec::new();
    for def in &defs {
        for rule in RULES {
            rule(def, &mut |advice| findings.push(Finding::of(def, advice)));
        }
    }
    let needless = accepted.iter().filter(|(name, _)| !findings.iter().any(|finding| finding.metric == *name));
    let needless: Vec<Finding> = needless.map(|(name, why)| needless_of(&defs, name, why)).collect();
    findings.retain(|finding| !accepted.iter().any(|(name, _)| finding.metric == *name));
    findings.extend(needless);
    findings.extend(duplicates(defs));
    findings
}

/// An accepted name that breaks no rule.
fn needless_of(defs: &[&MetricDef], metric: &'static str, why: &str) -> Finding {
    let module = defs.iter().find(|def| def.name == metric).map_or("no crate of the program", |def| def.module);
    Finding { metric, module, advice: format!("it breaks no rule: remove it from the accepted names ({why})") }
}
