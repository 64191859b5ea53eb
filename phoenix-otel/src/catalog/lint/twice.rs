//! One name, one label set (rule 7 of the metric contract).

use std::collections::HashMap;

use super::super::def::MetricDef;
use super::super::labels::LabelDef;
use super::Finding;
use super::name::flat;

/// Definitions whose Prometheus names meet though they are not the same metric. `init` refuses them.
pub fn twice<'d>(defs: impl IntoIterator<Item = &'d MetricDef>) -> Vec<Finding> {
    let mut first: HashMap<String, &MetricDef> = HashMap::new();
    let mut findings = Vec::new();
    for def in defs {
        let before = *first.entry(flat(def.name)).or_insert(def);
        if let Some(what) = difference(before, def) {
            let advice = format!(
                "it is declared in {} too, with {what}: one name has one meaning, so give one of them another name",
                before.module
            );
            findings.push(Finding::of(def, advice));
        }
    }
    findings
}

fn difference(a: &MetricDef, b: &MetricDef) -> Option<String> {
    if a.name != b.name {
        return Some(format!("the name `{}`, which is the same in Prometheus", a.name));
    }
    if a.kind != b.kind {
        return Some(format!("the kind {:?} instead of {:?}", a.kind, b.kind));
    }
    if a.unit != b.unit {
        return Some(format!("the unit `{}` instead of `{}`", a.unit, b.unit));
    }
    let (names, others) = (names(a.labels), names(b.labels));
    (names != others).then(|| format!("the labels {names:?} instead of {others:?}"))
}

/// The names in a fixed order: series do not know the order of their labels.
fn names(labels: &[LabelDef]) -> Vec<&'static str> {
    let mut names: Vec<_> = labels.iter().map(|label| label.name).collect();
    names.sort_unstable();
    names
}
