//! Rules for descriptions, units, buckets and caps.

use super::super::def::{Kind, MetricDef, cap_problem};
use super::super::{bounds, unit};

pub(super) fn description_is_there(def: &MetricDef, find: &mut dyn FnMut(String)) {
    let text = def.description;
    if text.trim().is_empty() {
        find("the description is missing: describe in one sentence what is measured".into());
    } else if !text.ends_with('.') || text.contains('\n') || text.trim() != text {
        find(format!("the description must be one line that ends with a full stop; this one is {text:?}"));
    }
}

pub(super) fn bounds_ascend(def: &MetricDef, find: &mut dyn FnMut(String)) {
    if def.kind != Kind::Histogram {
        if !def.bounds.is_empty() {
            find("only a histogram can have bounds: remove them".into());
        }
        return;
    }
    if def.bounds.is_empty() {
        find("the histogram has no bounds, and the default bounds are in milliseconds: set `bounds`".into());
    }
    if let Some(problem) = bounds::problem(def.bounds) {
        find(problem);
    }
}

pub(super) fn unit_is_known(def: &MetricDef, find: &mut dyn FnMut(String)) {
    if let Some(problem) = unit::problem(def.unit, def.kind) {
        find(problem.as_str().to_owned());
    }
}

pub(super) fn cap_is_right(def: &MetricDef, find: &mut dyn FnMut(String)) {
    if def.cap == 0 {
        return find("the cap is 0, so nothing would be recorded: set the maximum number of series".into());
    }
    if let Some(problem) = cap_problem(def.cap) {
        return find(problem);
    }
    // A string label has at least one value.
    let known = def
        .labels
        .iter()
        .filter_map(|label| label.values)
        .fold(1usize, |product, values| product.saturating_mul(values.len()));
    if known > def.cap {
        find(format!(
            "the labels have {known} combinations, but the cap is {}: increase the cap, or remove a label",
            def.cap
        ));
    }
}
