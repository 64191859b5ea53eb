//! Rules as Prometheus has read them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Prometheus;

/// One rule.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    /// The name of the alert, or of what is recorded.
    pub name: String,
    /// Alert, or recording.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The expression.
    pub query: String,
    /// For how many seconds the expression must hold before the alert fires.
    #[serde(default)]
    pub duration: f64,
    /// The labels that it adds.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// What an alert says.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// What a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It fires.
    Alerting,
    /// It records.
    Recording,
}

/// The rules of a Prometheus that was started with some.
///
/// # Panics
///
/// When it does not answer as it should.
#[track_caller]
pub fn loaded(prometheus: &Prometheus) -> Vec<Rule> {
    let data = prometheus.api("/api/v1/rules", &[]).expect("Prometheus answers");
    let groups = data["groups"].as_array().expect("groups").iter();
    let rules = groups.flat_map(|group| group["rules"].as_array().cloned().unwrap_or_default());
    rules.map(|rule| serde_json::from_value(rule.clone()).unwrap_or_else(|e| panic!("{rule}: {e}"))).collect()
}
