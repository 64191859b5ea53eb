//! One name, one label set (rule 7 of the metric contract).

use std::collections::HashMap;

use super::super::def::{Kind, MetricDef};
use super::super::labels::LabelDef;
use super::super::versions::are_versions;
use super::Finding;
use super::name::flat;

/// Definitions whose Prometheus names meet though they are not the same metric. `init` refuses them, but for those of one crate that is linked in two versions: of these it
/// reports that the older one holds.
pub fn twice<'d>(defs: impl IntoIterator<Item = &'d MetricDef>) -> Vec<Finding> {
    let defs: Vec<&MetricDef> = defs.into_iter().collect();
    let mut first: HashMap<String, &MetricDef> = HashMap::new();
    let mut findings = Vec::new();
    for def in &defs {
        // By the name of the instrument, which the SDK knows it by, and by the one that Prometheus does.
        let met = [flat(def.name).to_ascii_lowercase(), name(def)].map(|name| *first.entry(name).or_insert(def));
        let different = met.iter().find_map(|before| Some((before, difference(before, def)?)));
        let different = different.filter(|(before, _)| !are_versions(before, def));
        if let Some((before, what)) = different {
            let advice = format!(
                "it is declared in {} too, with {what}: one name has one meaning, so give one of them another name",
                before.module
            );
            findings.push(Finding::of(def, advice));
        }
    }
    let names: HashMap<String, &MetricDef> = defs.iter().map(|def| (name(def), *def)).collect();
    for def in &defs {
        let owned: &[&str] = match def.kind {
            Kind::Histogram => &["_bucket", "_sum", "_count"],
            Kind::Summary => &["_sum", "_count"],
            Kind::Counter | Kind::UpDownCounter | Kind::Gauge => &[],
        };
        for other in owned.iter().filter_map(|suffix| names.get(&format!("{}{suffix}", name(def)))) {
            let advice = format!(
                "its series take the name of `{}`, declared in {}: give one of them another name",
                other.name, other.module
            );
            findings.push(Finding::of(def, advice));
        }
    }
    findings
}

/// The name in Prometheus. OpenTelemetry's names are the same in upper and lower case.
fn name(def: &MetricDef) -> String {
    def.prometheus_name(def.name).to_ascii_lowercase()
}

/// How the first differs from the second.
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
    // By bits, since a bound that is not a number differs from itself.
    if !a.bounds.iter().map(|bound| bound.to_bits()).eq(b.bounds.iter().map(|bound| bound.to_bits())) {
        return Some(format!("the bounds {:?} instead of {:?}", a.bounds, b.bounds));
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
