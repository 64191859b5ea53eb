//! promtool checks the rules and runs the cases of every alert.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use phoenix_otel_tests::rules::{FOLDER, Kind, loaded};
use phoenix_otel_tests::tools::repository;

use crate::{path, run, with_rules};

/// The folder of the cases.
const CASES: &str = "collector/prometheus/tests";

#[test]
fn promtool_accepts_the_configuration_with_its_rules() {
    let said = run(
        "promtool",
        &["check", "config", "--lint=all", "--lint-fatal", &path("collector/prometheus/prometheus.yml")],
    );
    assert!(said.contains("slo.yml") && !said.contains("WARNING"), "{said}");
}

#[test]
fn promtool_accepts_every_rule_file() {
    for file in files(FOLDER) {
        let said = run("promtool", &["check", "rules", "--lint=all", "--lint-fatal", &file]);
        assert!(said.contains("SUCCESS") && !said.contains(" 0 rules"), "{said}");
    }
}

#[test]
fn every_case_passes() {
    let files = files(CASES);
    let arguments: Vec<&str> = ["test", "rules"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let said = run("promtool", &arguments);
    assert_eq!(said.matches("SUCCESS").count(), files.len(), "{said}");
}

#[test]
fn every_alert_has_a_firing_and_a_silent_case() {
    let mut cases: BTreeMap<String, [bool; 2]> = BTreeMap::new();
    for file in files(CASES) {
        for (alert, fires) in expectations(&fs::read_to_string(&file).expect("a file that was listed")) {
            cases.entry(alert).or_default()[usize::from(fires)] = true;
        }
    }
    let prometheus = with_rules();
    let rules = loaded(&prometheus);
    let alerts: BTreeSet<String> =
        rules.into_iter().filter(|rule| rule.kind == Kind::Alerting).map(|rule| rule.name).collect();
    assert!(alerts.len() > 20, "{alerts:?}");
    let unknown: Vec<&String> = cases.keys().filter(|alert| !alerts.contains(*alert)).collect();
    assert!(unknown.is_empty(), "there are cases of alerts that do not exist: {unknown:?}");
    for alert in alerts {
        let [quiet, fires] = cases.get(&alert).copied().unwrap_or_default();
        assert!(fires, "{alert} has no case in which it fires: add one in {CASES}");
        // The Watchdog always fires.
        assert!(quiet || alert == "Watchdog", "{alert} has no case in which it is quiet: add one in {CASES}");
    }
}

/// Returns the alerts of a file of cases, each with whether it is expected to fire. An expectation has the name of the alert before `exp_alerts`.
fn expectations(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut alert = None;
    for line in text.lines() {
        if let Some((_, rest)) = line.split_once("alertname: ") {
            alert = rest.split([',', ' ']).next().map(str::to_owned);
        }
        if let (Some((_, expected)), Some(alert)) = (line.split_once("exp_alerts:"), &alert) {
            found.push((alert.clone(), !expected.trim().starts_with("[]")));
        }
    }
    found
}

#[test]
fn expectations_are_read() {
    let text = "- {eval_time: 1m, alertname: A, exp_alerts: []}\n- eval_time: 1m\n  alertname: B\n  exp_alerts:\n    - exp_labels: {}";
    assert_eq!(expectations(text), [("A".to_owned(), false), ("B".to_owned(), true)]);
}

/// Returns the files of a folder, sorted.
fn files(folder: &str) -> Vec<String> {
    let files = fs::read_dir(repository().join(folder)).unwrap_or_else(|e| panic!("{folder}: {e}"));
    let mut files: Vec<String> =
        files.map(|file| file.expect("a readable folder").path().display().to_string()).collect();
    files.sort();
    assert!(files.len() > 3, "{files:?}");
    files
}
