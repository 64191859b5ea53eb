//! Compares the load generator's report with the metrics.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use phoenix_otel_tests::platform::{SERVICES, Service};
use phoenix_otel_tests::{Labels, Series};
use serde_json::Value;

/// The sum of several reports: counts by name and labels, as lines of text.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// By service. The key is `method route status`.
    requests: BTreeMap<String, BTreeMap<String, f64>>,
    /// By `model token_type`.
    tokens: BTreeMap<String, f64>,
    plans: BTreeMap<String, f64>,
    languages: BTreeMap<String, f64>,
    blocked: BTreeMap<String, f64>,
    false_positives: f64,
    generated: f64,
}

impl Sent {
    /// Adds a report.
    ///
    /// # Panics
    ///
    /// If its format is not that of `examples/platform`.
    #[track_caller]
    pub(crate) fn add(&mut self, report: &Value) {
        let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("no number: {value} in {report:#}"));
        let text =
            |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value} in {report:#}")).to_owned();
        let counts = |value: &Value| -> Vec<(String, f64)> {
            let counts = value.as_object().unwrap_or_else(|| panic!("no counts: {value} in {report:#}"));
            counts.iter().map(|(name, count)| (name.clone(), number(count))).collect()
        };
        for line in report["requests"].as_array().unwrap_or_else(|| panic!("no requests in {report:#}")) {
            let [method, route, status] = ["method", "route", "status"].map(|label| text(&line[label]));
            let of_service = self.requests.entry(text(&line["service"])).or_default();
            *of_service.entry(format!("{method} {route} {status}")).or_default() += number(&line["count"]);
        }
        for (model, tokens) in report["completions"]["tokens"].as_object().into_iter().flatten() {
            for (kind, count) in counts(tokens) {
                *self.tokens.entry(format!("{model} {kind}")).or_default() += count;
            }
        }
        for (sum, part) in
            [(&mut self.plans, "plans"), (&mut self.languages, "languages"), (&mut self.blocked, "blocked")]
        {
            counts(&report[part]).into_iter().for_each(|(name, count)| *sum.entry(name).or_default() += count);
        }
        self.false_positives += number(&report["false_positives"]);
        self.generated += number(&report["completions"]["generated"]);
    }

    /// Returns the differences between the reports and the metrics of one service.
    pub(crate) fn problems(&self, service: Service, series: &Series) -> Vec<String> {
        let mut problems = Vec::new();
        let served = by(series, "phoenix_service_requests_total", &["method", "route", "status"]);
        let sent = self.requests.get(service.name).cloned().unwrap_or_default();
        match service.subsystem {
            // Only the load generator calls the orchestrator.
            "orchestrator" => same("its requests", &sent, &served, &mut problems),
            // The other services also call each other.
            _ => at_least("its requests", &sent, &served, &mut problems),
        }
        match service.subsystem {
            "orchestrator" => {
                let plans = by(series, "phoenix_orchestrator_plans_total", &["plan_type"]);
                at_least("its plans", &self.plans, &plans, &mut problems);
            }
            "data_router" => {
                let languages = by(series, "phoenix_data_router_language_detection_total", &["language"]);
                at_least("the languages", &self.languages, &languages, &mut problems);
            }
            "llm" => {
                let tokens = by(series, "phoenix_llm_tokens_total", &["model", "token_type"]);
                same("the tokens", &self.tokens, &tokens, &mut problems);
                let generated = total(series, "phoenix_llm_requests_total", &[("status", "ok")]);
                if generated < self.generated {
                    problems.push(format!("{} answers were generated, and {generated} counted", self.generated));
                }
            }
            "safety" => {
                let blocked = by(series, "phoenix_safety_blocked_requests_total", &["reason"]);
                at_least("what was blocked", &self.blocked, &blocked, &mut problems);
                let counted = total(series, "phoenix_safety_false_positives_total", &[]);
                if (counted - self.false_positives).abs() > 0.5 {
                    problems.push(format!("{} false positives were reported, {counted} counted", self.false_positives));
                }
            }
            _ => {}
        }
        problems.iter().map(|problem| format!("{}: {problem}", service.name)).collect()
    }

    /// Whether there is data of each kind.
    pub(crate) fn is_enough(&self) -> bool {
        let kinds = [&self.tokens, &self.plans, &self.languages, &self.blocked];
        // The load generator calls all services except the data router.
        self.requests.len() == SERVICES.len() - 1
            && kinds.iter().all(|counts| !counts.is_empty())
            && self.generated > 0.0
            && self.false_positives > 0.0
    }

    /// One line for the log.
    pub(crate) fn summary(&self) -> String {
        let mut summary = String::new();
        for service in SERVICES {
            let requests: f64 = self
                .requests
                .get(service.name)
                .into_iter()
                .flat_map(BTreeMap::values)
                .fold(0.0, |sum, count| sum + count);
            let _ = write!(summary, "{} {requests} requests, ", service.name);
        }
        let _ = write!(summary, "{} answers generated, {} false positives", self.generated, self.false_positives);
        summary
    }
}

/// Returns the values of a metric, added up by some of its labels, without zeros.
fn by(series: &Series, name: &str, labels: &[&str]) -> BTreeMap<String, f64> {
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    for (of, value) in series.iter().filter(|(of, _)| of["__name__"] == name) {
        let key: Vec<&str> = labels.iter().map(|label| of.get(*label).map_or("", String::as_str)).collect();
        *sums.entry(key.join(" ")).or_default() += value;
    }
    sums.retain(|_, sum| *sum != 0.0);
    sums
}

fn total(series: &Series, name: &str, labels: &[(&str, &str)]) -> f64 {
    let has = |of: &Labels| labels.iter().all(|(label, value)| of.get(*label).is_some_and(|has| has == value));
    series.iter().filter(|(of, _)| of["__name__"] == name && has(of)).map(|(_, value)| value).sum()
}

fn same(what: &str, sent: &BTreeMap<String, f64>, seen: &BTreeMap<String, f64>, problems: &mut Vec<String>) {
    at_least(what, sent, seen, problems);
    for (key, seen) in seen {
        let sent = sent.get(key).copied().unwrap_or_default();
        if *seen > sent {
            problems.push(format!("{what}: `{key}` was sent {sent} times, and is counted {seen} times"));
        }
    }
}

fn at_least(what: &str, sent: &BTreeMap<String, f64>, seen: &BTreeMap<String, f64>, problems: &mut Vec<String>) {
    for (key, sent) in sent {
        let seen = seen.get(key).copied().unwrap_or_default();
        if seen < *sent {
            problems.push(format!("{what}: `{key}` was sent {sent} times, and is counted {seen} times"));
        }
    }
}
