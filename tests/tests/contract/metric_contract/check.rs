//! Compares one row of the contract with the series of one service by one way.

use std::collections::{BTreeMap, BTreeSet};

use phoenix_otel_tests::contract::{Any, Kind, Metric, Row, Values};
use phoenix_otel_tests::platform::Service;
use phoenix_otel_tests::{Labels, Series};

/// Labels of the emitter and of the way.
const IDENTITY: [&str; 4] = ["service", "version", "instance", "job"];

/// All data of one service by one way.
pub(crate) struct Seen {
    pub(crate) service: Service,
    pub(crate) series: Series,
    /// The types by family, if the way has them.
    pub(crate) types: Option<BTreeMap<String, String>>,
}

/// Returns the problems of a row. There are none if it matches, or if the service does not have the metric.
pub(crate) fn problems(row: &Row, seen: &Seen) -> Vec<String> {
    let Some(name) = row.name_in(seen.service.subsystem) else { return Vec::new() };
    let metric = &row.metric;
    let mut problems = Vec::new();
    for (suffix, extra) in series_of(metric.kind) {
        let name = format!("{name}{suffix}");
        let series: Vec<&Labels> =
            seen.series.iter().map(|(labels, _)| labels).filter(|l| l["__name__"] == name).collect();
        if series.is_empty() {
            problems.push(format!("{name} is missing"));
            continue;
        }
        // The overflow series has no labels of its own.
        let own = series.iter().filter(|labels| !labels.contains_key("otel_metric_overflow"));
        labels_are_right(&name, metric, *extra, &own.copied().collect::<Vec<_>>(), &mut problems);
        identity_is_there(&name, metric, seen.service, &series, &mut problems);
    }
    if metric.kind == Kind::Histogram {
        bounds_are_right(&name, metric, &seen.series, &mut problems);
    }
    if let Some(types) = &seen.types {
        let is = types.get(&name).map(String::as_str);
        if is != Some(&metric.kind.to_string()) {
            problems.push(format!("{name} is of the type {is:?}, and not a {}", metric.kind));
        }
    }
    problems
}

/// Returns the suffixes of a metric's series, and their additional label.
fn series_of(kind: Kind) -> &'static [(&'static str, Option<&'static str>)] {
    match kind {
        Kind::Counter | Kind::Gauge => &[("", None)],
        Kind::Histogram => &[("_bucket", Some("le")), ("_sum", None), ("_count", None)],
        Kind::Summary => &[("", Some("quantile")), ("_sum", None), ("_count", None)],
    }
}

fn labels_are_right(name: &str, metric: &Metric, extra: Option<&str>, series: &[&Labels], problems: &mut Vec<String>) {
    let mut met: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for labels in series {
        for (label, value) in labels.iter() {
            let of_another = label == "__name__" || Some(label.as_str()) == extra || IDENTITY.contains(&label.as_str());
            if !of_another && !metric.labels.contains_key(label) {
                problems.push(format!("{name} has the label {label}=\"{value}\""));
            }
        }
        for (label, values) in &metric.labels {
            // To Prometheus, an empty label is the same as a missing one.
            let value = labels.get(label).map_or("", String::as_str);
            met.entry(label).or_default().insert(value);
            if let Values::OneOf(values) = values
                && !values.iter().any(|known| known == value)
            {
                problems.push(format!("{name} has {label}=\"{value}\", which is none of {values:?}"));
            }
        }
    }
    for (label, values) in &met {
        if metric.labels[*label] != Values::Any(Any::Maybe) && values.iter().all(|value| value.is_empty()) {
            problems.push(format!("{name} has the label {label} nowhere"));
        }
    }
    // Known series exist from the start. A gauge exists after its first value, which not every series has.
    let closed = metric.labels.values().all(|values| matches!(values, Values::OneOf(_)));
    if closed && metric.kind != Kind::Gauge && !name.starts_with("otel_sdk_") {
        for (label, values) in &metric.labels {
            let Values::OneOf(values) = values else { continue };
            for missing in
                values.iter().filter(|value| !met.get(label.as_str()).is_some_and(|met| met.contains(value.as_str())))
            {
                problems.push(format!("{name} has no series with {label}=\"{missing}\", which should be there at 0"));
            }
        }
    }
    problems.dedup();
}

/// Every sample identifies its emitter, unless the label `service` names another service.
fn identity_is_there(name: &str, metric: &Metric, service: Service, series: &[&Labels], problems: &mut Vec<String>) {
    for labels in series {
        if !metric.labels.contains_key("service") && labels.get("service").map(String::as_str) != Some(service.name) {
            return problems.push(format!("{name} is not of the service {}: {labels:?}", service.name));
        }
        if !labels.contains_key("version") {
            return problems.push(format!("{name} has no version: {labels:?}"));
        }
    }
}

fn bounds_are_right(name: &str, metric: &Metric, series: &Series, problems: &mut Vec<String>) {
    let Some(wanted) = &metric.bounds else { return };
    let buckets = format!("{name}_bucket");
    let of_metric = series.iter().filter(|(labels, _)| labels["__name__"] == buckets);
    let mut bounds: Vec<f64> = of_metric.filter_map(|(labels, _)| labels.get("le")?.parse().ok()).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    if bounds.pop() != Some(f64::INFINITY) || bounds != *wanted {
        problems.push(format!("{name} has the bounds {bounds:?}"));
    }
}
