//! `promtool check metrics`: no syntax error, and only lint findings with a reason.

use std::collections::BTreeSet;

use phoenix_otel::__private::for_tests::prometheus::Format;
use phoenix_otel_tests::openmetrics::lint;

use super::hostile::hostile;

/// The accepted findings, with the reason.
const FINDINGS: &[(&str, &str)] = &[
    ("legacy_jobs counter metrics should have \"_total\" suffix", "a registry's own name is not ours to change"),
    ("phoenix_attributes_total no help text", "the test gives no description"),
    ("phoenix_attributes_total non-histogram metrics should not have \"le\" label", "the test gives it one"),
    ("phoenix_balance no help text", "the test gives no description"),
    ("phoenix_bytes_total no help text", "the test gives no description"),
    ("phoenix_cache_hit_ratio no help text", "the test gives no description"),
    ("phoenix_drift no help text", "the test gives no description"),
    ("phoenix_exponential_seconds no help text", "the test gives no description"),
    ("phoenix_llm_cost_dollars_total no help text", "the test gives no description"),
    ("phoenix_number no help text", "the test gives no description"),
    ("phoenix_shared_total no help text", "the test gives no description"),
    ("phoenix_temperature_celsius no help text", "the test gives no description"),
];

#[test]
fn promtool_has_only_accepted_findings() {
    let (text, _) = hostile().text(Format::Text);
    let said = lint(&text).unwrap_or_else(|error| panic!("{error}"));
    let found: BTreeSet<&str> = said.lines().collect();
    let known: BTreeSet<&str> = FINDINGS.iter().map(|(finding, _)| *finding).collect();
    assert_eq!(found, known);
}
