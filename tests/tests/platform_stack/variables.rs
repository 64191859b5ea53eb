//! The variables of a dashboard: reads their values as Grafana does, and inserts them into queries.

use phoenix_otel_tests::Prometheus;
use phoenix_otel_tests::prometheus::SCRAPE_SECONDS;
use serde_json::Value;

use crate::dashboards::{self, list, text};
use crate::stack::Stack;

/// The step of a graph: the scrape interval, since there is no new data between two scrapes.
pub(crate) const STEP_SECONDS: f64 = SCRAPE_SECONDS as f64;

/// The selection in the lists of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// "All", the default.
    All,
    /// Each offered value.
    Each,
}

/// The variables of a dashboard with their values, in the order of substitution.
pub(crate) struct Variables(Vec<(String, String)>);

impl Variables {
    pub(crate) fn of(dashboard: &Value, choice: Choice, stack: &Stack) -> Self {
        // Grafana adds the scrape interval to the step, and uses at least four scrape intervals.
        let scrape = f64::from(SCRAPE_SECONDS);
        let rate_interval = (STEP_SECONDS + scrape).max(4.0 * scrape);
        let range = (stack.span.1 - stack.span.0).ceil();
        let built_in = [("__rate_interval", rate_interval), ("__interval", STEP_SECONDS), ("__range", range)];
        let mut variables = Self(built_in.map(|(name, seconds)| (format!("${name}"), format!("{seconds}s"))).into());
        for variable in list(&dashboard["templating"]["list"]) {
            let value = match (text(variable, "type"), choice) {
                ("query", Choice::All) => text(variable, "allValue").to_owned(),
                // The values of a list depend on the selection in the lists before it.
                ("query", Choice::Each) => each(&variables.offered(variable, stack).unwrap_or_default()),
                ("datasource", _) => continue,
                _ => text(&variable["current"], "value").to_owned(),
            };
            variables.0.push((format!("${}", text(variable, "name")), value));
        }
        variables
    }

    /// Replaces each variable in an expression.
    pub(crate) fn fill(&self, expr: &str) -> String {
        self.0.iter().fold(expr.to_owned(), |expr, (name, value)| expr.replace(name, value))
    }

    fn offered(&self, variable: &Value, stack: &Stack) -> Result<Vec<String>, String> {
        label_values(&stack.prometheus, &self.fill(text(&variable["query"], "query")))
    }
}

/// Returns the variables without values.
pub(crate) fn problems(stack: &Stack) -> Vec<String> {
    let mut problems = Vec::new();
    for (file, dashboard) in dashboards::all() {
        let variables = Variables::of(&dashboard, Choice::All, stack);
        for variable in list(&dashboard["templating"]["list"]).filter(|variable| text(variable, "type") == "query") {
            let offered = variables.offered(variable, stack);
            if !matches!(&offered, Ok(values) if !values.is_empty()) {
                problems.push(format!("{file}: ${} offers nothing: {offered:?}", text(variable, "name")));
            }
        }
    }
    problems
}

/// Evaluates `label_values(selector, label)` as Grafana does.
fn label_values(prometheus: &Prometheus, query: &str) -> Result<Vec<String>, String> {
    let inside = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
    let (selector, label) = inside.and_then(|inside| inside.rsplit_once(", ")).ok_or("it is no label_values(…, …)")?;
    let values = prometheus.api(&format!("/api/v1/label/{label}/values"), &[("match[]", selector)])?;
    serde_json::from_value(values).map_err(|e| e.to_string())
}

/// Joins several values as Grafana does in a regular expression within a PromQL string.
fn each(values: &[String]) -> String {
    let escaped = |value: &String| {
        let mut text = String::new();
        for c in value.chars() {
            if r"\^$*+?.()|[]{}".contains(c) {
                text.push_str(r"\\");
            }
            text.push(c);
        }
        text
    };
    format!("({})", values.iter().map(escaped).collect::<Vec<_>>().join("|"))
}
