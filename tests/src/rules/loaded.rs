//! The rules that a Prometheus has loaded.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Prometheus;

/// One rule.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    /// The name of the alert, or of the recorded series.
    pub name: String,
    /// Alerting or recording.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The expression.
    pub query: String,
    /// The `for` of an alert, in seconds.
    #[serde(default)]
    pub duration: f64,
    /// The labels that the rule adds.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The annotations of an alert.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// The kind of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An alert.
    Alerting,
    /// A recorded series.
    Recording,
}

/// Returns the rules of a Prometheus that was started with rules.
///
/// # Panics
///
/// If Prometheus does not answer, or the answer has no rules.
#[track_caller]
pub fn loaded(prometheus: &Prometheus) -> Vec<Rule> {
    let data = prometheus.api("/api/v1/rules", &[]).expect("Prometheus responds");
    let groups = data["groups"].as_array().expect("groups").iter();
    let rules = groups.flat_map(|group| group["rules"].as_array().cloned().unwrap_or_default());
    rules.map(|rule| serde_json::from_value(rule.clone()).unwrap_or_else(|e| panic!("{rule}: {e}"))).collect()
}
