//! Compares the file with the former one: names what is applied and what needs a restart.

use std::collections::{BTreeMap, BTreeSet};

use super::Reload;
use crate::config::file::ConfigNode;
use crate::config::{EffectiveConfig, HistogramAggregation};
use crate::init::resolved::Resolved;

/// Names the changed parts of the file that nothing else names: secrets, for example, which are masked in the effective configuration. A part whose
/// changes are all applied replaces the former one.
pub(super) fn compare_parts(former: &mut BTreeMap<String, u64>, new: &BTreeMap<String, u64>, reload: &mut Reload) {
    let parts: BTreeSet<String> = former.keys().chain(new.keys()).cloned().collect();
    let changed: Vec<String> = parts.into_iter().filter(|part| former.get(part) != new.get(part)).collect();
    for part in changed {
        let names = |change: &String| {
            change.starts_with(&part)
                || (part == "meter_provider.readers" && (change.starts_with("exporter ") || change == AGGREGATION))
                || (part == "meter_provider.meter_configurator/development"
                    && change.starts_with("meter_provider.views"))
        };
        if reload.needs_restart.iter().any(names) {
            continue;
        }
        if !reload.applied.iter().any(names) {
            reload.needs_restart.push(part);
            continue;
        }
        match new.get(&part) {
            Some(fingerprint) => former.insert(part, *fingerprint),
            None => former.remove(&part),
        };
    }
}

/// The default aggregation of histograms, which all exporters have.
const AGGREGATION: &str = "default_histogram_aggregation";

/// The effective configuration after the reload: the new values where they are applied, else the previous ones.
pub(super) fn applied(
    resolved: &Resolved,
    former: &EffectiveConfig,
    are_views_live: bool,
    reload: &mut Reload,
) -> EffectiveConfig {
    let new = &resolved.effective;
    let is_live = |path: &str| path == "log_level" || (are_views_live && path.starts_with("meter_provider.views"));
    let of_exporters = |path: &str| path.starts_with("meter_provider.readers");
    // `compare_nodes` compares them.
    let of_extensions =
        |path: &str| path.starts_with("distribution.") && !path.starts_with("distribution.phoenix_otel.");
    let mut changed: Vec<&str> = Vec::new();
    for value in new.settings().chain(former.settings()) {
        let path = value.path();
        let is_same = former.get(path).map(|value| value.value()) == new.get(path).map(|value| value.value());
        if !is_same && !of_exporters(path) && !of_extensions(path) && !changed.contains(&path) {
            changed.push(path);
        }
    }
    for path in &changed {
        let list = if is_live(path) { &mut reload.applied } else { &mut reload.needs_restart };
        // A list is one setting.
        let path = path.split_once('[').map_or(*path, |(list, _)| list).to_owned();
        if !list.contains(&path) {
            list.push(path);
        }
    }
    // The aggregation of the SDK's instruments does not change.
    let aggregation = |config: &EffectiveConfig| {
        let values = config.settings().map(|value| (value.path().rsplit('.').next(), value.value()));
        values.filter(|(key, _)| *key == Some(AGGREGATION)).map(|(_, value)| value).next()
    };
    let explicit = HistogramAggregation::ExplicitBucket.word();
    let in_force = aggregation(former).unwrap_or_else(|| explicit.to_owned());
    let has_exporters = new.settings().any(|value| value.path().contains(".periodic."));
    if has_exporters && aggregation(new).unwrap_or_else(|| explicit.to_owned()) != in_force {
        reload.needs_restart.push(AGGREGATION.to_owned());
    }
    let exporters_are_new = !reload.needs_restart.iter().any(|change| change.starts_with("exporter "));
    let mut applied = former.updated(new, |path| is_live(path) || (of_exporters(path) && exporters_are_new));
    applied.keep(AGGREGATION, &in_force);
    applied
}

/// Notes the mappings of extensions that changed.
pub(super) fn compare_nodes(former: &[(String, ConfigNode)], new: &[(String, ConfigNode)], reload: &mut Reload) {
    let find = |nodes: &[(String, ConfigNode)], name: &str| {
        nodes.iter().find(|(other, _)| other == name).map(|(_, node)| node.fingerprint())
    };
    let names: BTreeSet<&str> = former.iter().chain(new).map(|(name, _)| name.as_str()).collect();
    let changed = names.into_iter().filter(|name| find(former, name) != find(new, name));
    reload.needs_restart.extend(changed.map(|name| format!("distribution.{name}")));
}
