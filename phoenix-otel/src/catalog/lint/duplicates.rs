//! Duplicate names: one name must have one label set (rule 7 of the metric contract).

use std::collections::{BTreeSet, HashMap};

use super::super::def::MetricDef;
use super::super::labels::LabelDef;
use super::super::{taken, versions};
use super::Finding;
use super::name::flat;

/// Finds different definitions that would share a name in Prometheus, and definitions with a reserved name, which every exposition contains.
/// `init` rejects both. If a crate is linked in two versions, the definitions of the older version are used, and `init` reports the others.
pub fn duplicates<'d>(defs: impl IntoIterator<Item = &'d MetricDef>) -> Vec<Finding> {
    let defs = versions::oldest(defs);
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut found = BTreeSet::new();
    let mut findings = Vec::new();
    for (at, def) in defs.iter().enumerate() {
        // Compared by the instrument's name in the SDK, and by the name in Prometheus.
        let met = [flat(def.name).to_ascii_lowercase(), name(def)].map(|name| *first.entry(name).or_insert(at));
        let different = met.into_iter().find_map(|before| Some((before, difference(defs[before], def)?)));
        if let Some((before, what)) = different {
            found.insert((before, at));
            let before = defs[before];
            let advice = format!("it is also declared in {}, with {what}: rename one of them", before.module);
            findings.push(Finding::of(def, advice));
        }
    }
    let names: Vec<_> = defs.iter().map(|def| taken::names(&name(def), def.kind)).collect();
    for (def, names) in defs.iter().zip(&names) {
        if let Some(family) = taken::of_the_exposition(names) {
            findings.push(Finding::of(
                def,
                format!("`{family}` is reserved: every exposition contains it; rename the metric"),
            ));
        }
    }
    for (a, b, shared) in taken::shared(&names) {
        let is_found = found.contains(&(a, b));
        let (a, b) = (defs[a], defs[b]);
        // If the whole names are equal, one finding is enough.
        if !is_found && name(a) != name(b) && flat(a.name) != flat(b.name) {
            let advice = format!(
                "it would share the name `{shared}` in Prometheus with `{}`, declared in {}: rename one of them",
                a.name, a.module
            );
            findings.push(Finding::of(b, advice));
        }
    }
    findings
}

/// The Prometheus name in lower case, since OpenTelemetry names are case-insensitive.
fn name(def: &MetricDef) -> String {
    def.prometheus_name(def.name).to_ascii_lowercase()
}

/// Describes how the first definition differs from the second.
pub(crate) fn difference(a: &MetricDef, b: &MetricDef) -> Option<String> {
    if a.name != b.name {
        return Some(format!("the name `{}`, which is the same in Prometheus", a.name));
    }
    if a.kind != b.kind {
        return Some(format!("the kind {:?} instead of {:?}", a.kind, b.kind));
    }
    if a.unit != b.unit {
        return Some(format!("the unit `{}` instead of `{}`", a.unit, b.unit));
    }
    // Compared by bits, since NaN is not equal to itself.
    if !a.bounds.iter().map(|bound| bound.to_bits()).eq(b.bounds.iter().map(|bound| bound.to_bits())) {
        return Some(format!("the bounds {:?} instead of {:?}", a.bounds, b.bounds));
    }
    let (names, others) = (names(a.labels), names(b.labels));
    (names != others).then(|| format!("the labels {names:?} instead of {others:?}"))
}

/// The label names, sorted: the order of labels does not matter.
fn names(labels: &[LabelDef]) -> Vec<&'static str> {
    let mut names: Vec<_> = labels.iter().map(|label| label.name).collect();
    names.sort_unstable();
    names
}
