//! The variables of a dashboard: asked for their values as Grafana asks, and filled in as Grafana fills them in.

use phoenix_otel_tests::Prometheus;
use phoenix_otel_tests::prometheus::SCRAPE_SECONDS;
use serde_json::Value;

use crate::dashboards::{self, list, text};
use crate::stack::Stack;

/// The step of a graph: that of the scrapes, between which nothing new is to be seen.
pub(crate) const STEP_SECONDS: f64 = SCRAPE_SECONDS as f64;

/// What is chosen in the lists of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// "All", as a board is opened.
    All,
    /// Each value that is offered.
    Each,
}

/// The variables of one dashboard with their values, in the order in which they are filled in.
pub(crate) struct Variables(Vec<(String, String)>);

impl Variables {
    pub(crate) fn of(dashboard: &Value, choice: Choice, stack: &Stack) -> Self {
        // Grafana adds the interval of the scrapes to the step, and takes four of them at least.
        let scrape = f64::from(SCRAPE_SECONDS);
        let rate_interval = (STEP_SECONDS + scrape).max(4.0 * scrape);
        let range = (stack.span.1 - stack.span.0).ceil();
        let built_in = [("__rate_interval", rate_interval), ("__interval", STEP_SECONDS), ("__range", range)];
        let mut variables = Self(built_in.map(|(name, seconds)| (format!("${name}"), format!("{seconds}s"))).into());
        for variable in list(&dashboard["templating"]["list"]) {
            let value = match (text(variable, "type"), choice) {
                ("query", Choice::All) => text(variable, "allValue").to_owned(),
                // What a list offers depends on what is chosen in those before it.
                ("query", Choice::Each) => each(&variables.offered(variable, stack).unwrap_or_default()),
                ("datasource", _) => continue,
                _ => text(&variable["current"], "value").to_owned(),
            };
            variables.0.push((format!("${}", text(variable, "name")), value));
        }
        variables
    }

    /// An expression with each variable in its place.
    pub(crate) fn fill(&self, expr: &str) -> String {
        self.0.iter().fold(expr.to_owned(), |expr, (name, value)| expr.replace(name, value))
    }

    fn offered(&self, variable: &Value, stack: &Stack) -> Result<Vec<String>, String> {
        label_values(&stack.prometheus, &self.fill(text(&variable["query"], "query")))
    }
}

/// The variables that offer nothing to choose.
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

/// What Grafana makes of `label_values(selector, label)`.
fn label_values(prometheus: &Prometheus, query: &str) -> Result<Vec<String>, String> {
    let inside = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
    let (selector, label) = inside.and_then(|inside| inside.rsplit_once(", ")).ok_or("it is no label_values(…, …)")?;
    let values = prometheus.api(&format!("/api/v1/label/{label}/values"), &[("match[]", selector)])?;
    serde_json::from_value(values).map_err(|e| e.to_string())
}

/// Several values as Grafana writes them into a regular expression within a string of PromQL.
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
