//! The catalog matches the contract, apart from additions that the contract lists.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use phoenix_otel::__private::for_tests::label_name;
use phoenix_otel::MetricDef;
use phoenix_otel::catalog::{CallDef, Kind};
use phoenix_otel::platform::{data_router, executor, kb, llm, safety};
use phoenix_otel_tests::catalog::{ours, part};
use phoenix_otel_tests::contract::{self, Any, Contract, Row, Values};

/// Returns the name in Prometheus with the default configuration of the edge. `<subsystem>` is a placeholder.
fn name(def: &MetricDef) -> String {
    let name = def.name.replace("{edge}", "service").replace("{subsystem}", "SUBSYSTEM");
    def.prometheus_name(&name).replace("SUBSYSTEM", "<subsystem>")
}

/// Returns a definition as a line of text, in the terms of the contract. It has bounds if the contract has some.
fn line(def: &MetricDef, row: Option<&Row>) -> String {
    let kind = match def.kind {
        Kind::Counter => contract::Kind::Counter,
        Kind::UpDownCounter | Kind::Gauge => contract::Kind::Gauge,
        Kind::Histogram => contract::Kind::Histogram,
        Kind::Summary => contract::Kind::Summary,
    };
    let labels = def.labels.iter().map(|label| {
        let values = match label.values {
            Some(values) => Values::OneOf(values.iter().map(ToString::to_string).collect()),
            None => Values::Any(Any::Any),
        };
        (label_name(label.name).into_owned(), values)
    });
    let bounds = row.is_some_and(|row| row.metric.bounds.is_some()).then_some(def.bounds);
    text(part(def), &name(def), kind, &labels.collect(), bounds)
}

fn text(
    domain: &str,
    name: &str,
    kind: contract::Kind,
    labels: &BTreeMap<String, Values>,
    bounds: Option<&[f64]>,
) -> String {
    let labels: Vec<String> = labels.iter().map(|(name, values)| format!("{name}={values}")).collect();
    let bounds = bounds.map(|bounds| format!(" {bounds:?}")).unwrap_or_default();
    format!("[{domain}] {name} {kind} {{{}}}{bounds}", labels.join(", "))
}

#[test]
fn the_catalog_matches_the_contract() {
    let contract = Contract::read();
    let rows: BTreeMap<&str, &Row> = contract.rows.iter().map(|row| (row.name.as_str(), row)).collect();
    assert_eq!(rows.len(), contract.rows.len(), "a name stands in the contract twice");
    assert!(rows.len() > 60, "only {} rows were read", rows.len());

    let wanted: BTreeMap<String, String> = rows
        .iter()
        .map(|(name, row)| {
            let metric = &row.metric;
            (name.to_string(), text(&row.domain, name, metric.kind, &metric.labels, metric.bounds.as_deref()))
        })
        .collect();
    let found: BTreeMap<String, String> = ours()
        .map(|def| {
            let name = name(def);
            let line = line(def, rows.get(name.as_str()).copied());
            (name, line)
        })
        .collect();
    let mut differences = String::new();
    for line in wanted.values().filter(|line| !found.values().any(|found| found == *line)) {
        let _ = writeln!(differences, "only the contract has: {line}");
    }
    for line in found.values().filter(|line| !wanted.values().any(|wanted| wanted == *line)) {
        let _ = writeln!(differences, "only the catalog has:  {line}");
    }
    assert!(differences.is_empty(), "\n{differences}\nA metric beyond the contract is named in it with `addition`.");
}

#[test]
fn every_metric_is_described() {
    for def in ours() {
        assert!(def.description.ends_with('.') && def.description.len() > 10, "{}: {:?}", def.name, def.description);
    }
}

#[test]
fn every_addition_has_a_reason() {
    for row in Contract::read().rows {
        if let Some(reason) = row.metric.addition {
            assert!(reason.split(' ').count() > 3, "{}: {reason:?} is no reason", row.name);
        }
    }
}

#[test]
fn the_call_sets_are_those_of_the_contract() {
    // By the names that the attribute uses, so the paths are tested, too.
    let sets: [(&str, &CallDef); 6] = [
        ("data_router::ROUTE", data_router::ROUTE::DEF),
        ("llm::GENERATE", llm::GENERATE::DEF),
        ("kb::QUERY", kb::QUERY::DEF),
        ("kb::VECTOR_SEARCH", kb::VECTOR_SEARCH::DEF),
        ("safety::VALIDATE", safety::VALIDATE::DEF),
        ("executor::EXECUTE", executor::EXECUTE::DEF),
    ];
    let wanted = Contract::read().call_sets;
    assert_eq!(wanted.len(), sets.len());
    for (path, def) in sets {
        let wanted = &wanted[path];
        let labels: Vec<&str> = def.labels.iter().map(|label| label.name).collect();
        assert_eq!(labels, wanted.labels, "{path}");
        assert_eq!(def.requests.map(name), wanted.requests, "{path}");
        assert_eq!(def.duration.map(name), wanted.duration, "{path}");
    }
}
