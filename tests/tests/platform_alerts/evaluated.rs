//! Evaluates the rules of the repository with promtool, on samples with timestamps.

use std::fs;
use std::process::Command;

use phoenix_otel_tests::rules::{self, FOLDER};
use phoenix_otel_tests::tools::{repository, tool};
use serde_json::{Value, json};

use crate::timeline::{At, STEP, Timeline};

/// An alert of a service, with the first and the last evaluation at which it fires, in seconds.
pub(crate) struct Fires {
    pub(crate) alert: &'static str,
    pub(crate) service: &'static str,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// The series that the test itself records at the end of each evaluation: the firing alerts with the time.
const FIRING: &str = "firing:seconds";

/// Asserts that exactly these alerts fire.
///
/// # Panics
///
/// If other alerts fire. The message has the output of promtool.
#[track_caller]
pub(crate) fn assert_alerts(timeline: &Timeline, expected: &[Fires]) {
    let samples = |value: fn(&Fires) -> usize| -> Value {
        let sample = |fires: &Fires| {
            let labels = format!("{{alertname={:?}, service={:?}}}", fires.alert, fires.service);
            json!({ "labels": labels, "value": value(fires) })
        };
        expected.iter().map(sample).collect()
    };
    let end = timeline.end();
    let ask = |function: &str, samples: Value| {
        let expr = format!("{function}({FIRING}[{}s])", end + STEP);
        json!({ "expr": expr, "eval_time": format!("{end}s"), "exp_samples": samples })
    };
    let series: Value = timeline
        .series()
        .map(|(labels, values)| json!({ "series": series(labels), "values": written(values) }))
        .collect();
    let test = json!({
        "rule_files": [repository().join(FOLDER).join("*.yml"), "firing.yml"],
        "evaluation_interval": format!("{STEP}s"),
        "group_eval_order": groups(),
        "tests": [{
            "interval": format!("{STEP}s"),
            "input_series": series,
            "promql_expr_test": [
                ask("min_over_time", samples(|fires| fires.first)),
                ask("max_over_time", samples(|fires| fires.last)),
                ask("count_over_time", samples(|fires| (fires.last - fires.first) / STEP + 1)),
            ],
        }],
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("test.yml");
    // JSON is valid YAML.
    let written = fs::write(&file, test.to_string());
    written
        .and_then(|()| fs::write(folder.path().join("firing.yml"), watch().to_string()))
        .expect("the file is writable");
    let output = Command::new(tool("promtool")).args(["test", "rules"]).arg(&file).output().expect("promtool runs");
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{said}");
}

/// The rule that records which alerts fire. Several label sets of a service count once.
fn watch() -> Value {
    let expr = r#"time() * group by (alertname, service) (ALERTS{alertstate="firing"})"#;
    json!({ "groups": [{ "name": FIRING, "rules": [{ "record": FIRING, "expr": expr }] }] })
}

/// Returns all groups of rules, ordered so that a rule comes after the rules that it reads: promtool evaluates other groups in any order.
fn groups() -> Vec<String> {
    let first =
        ["phoenix-edge", "phoenix-calls", "phoenix-slo-objectives", "phoenix-slo-indicators", "phoenix-slo-period"];
    let rules = rules::texts();
    let named = rules.lines().filter_map(|line| line.strip_prefix("  - name: "));
    let others: Vec<&str> = named.filter(|name| !first.contains(name)).collect();
    first.into_iter().chain(others).chain([FIRING]).map(str::to_owned).collect()
}

fn series(labels: &phoenix_otel_tests::Labels) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    format!("{}{{{}}}", labels["__name__"], pairs.join(","))
}

/// Formats values for promtool.
fn written(values: &[At]) -> String {
    let written = values.iter().map(|at| match at {
        At::Value(value) => value.to_string(),
        At::Stale => "stale".to_owned(),
        At::Nothing => "_".to_owned(),
    });
    written.collect::<Vec<_>>().join(" ")
}
