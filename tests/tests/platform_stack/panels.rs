//! Runs the queries of the panels as Grafana does, and checks the results.

use serde_json::Value;

use crate::dashboards::{self, list, text};
use crate::stack::Stack;
use crate::variables::{Choice, STEP_SECONDS, Variables};

/// Returns the queries of all panels and annotations that return no data or impossible values, with the lists of a board at "All" and with
/// each offered value.
pub(crate) fn problems(stack: &Stack) -> Vec<String> {
    let mut problems = Vec::new();
    let mut asked = 0;
    for (file, dashboard) in dashboards::all() {
        for choice in [Choice::All, Choice::Each] {
            let variables = Variables::of(&dashboard, choice, stack);
            for panel in list(&dashboard["panels"]) {
                for target in list(&panel["targets"]) {
                    let query = variables.fill(text(target, "expr"));
                    let seen = ask(stack, &query, target["instant"] == true);
                    let checked = seen.and_then(|seen| Bounds::of(panel).check(&seen));
                    problems.extend(checked.err().map(|e| format!("{file}: {}: {e}: {query}", text(panel, "title"))));
                    asked += 1;
                }
            }
            for annotation in list(&dashboard["annotations"]["list"]) {
                let query = variables.fill(text(annotation, "expr"));
                let seen = ask(stack, &query, false);
                problems.extend(seen.err().map(|e| format!("{file}: {}: {e}: {query}", text(annotation, "name"))));
                asked += 1;
            }
        }
    }
    assert!(asked > 300, "only {asked} queries were found");
    problems
}

/// Returns the values of all series of a query, over the time of the load or at its end.
fn ask(stack: &Stack, query: &str, instant: bool) -> Result<Vec<f64>, String> {
    let [start, end, step] = [stack.span.0, stack.span.1, STEP_SECONDS].map(|number| number.to_string());
    let data = if instant {
        stack.prometheus.api("/api/v1/query", &[("query", query), ("time", &end)])
    } else {
        let span = [("query", query), ("start", &start), ("end", &end), ("step", &step)];
        stack.prometheus.api("/api/v1/query_range", &span)
    }?;
    let samples = list(&data["result"]).flat_map(|series| match &series["values"] {
        Value::Array(values) => values.clone(),
        _ => vec![series["value"].clone()],
    });
    let values: Option<Vec<f64>> = samples.map(|sample| sample[1].as_str()?.parse().ok()).collect();
    match values {
        Some(values) if values.is_empty() => Err("it returns nothing".to_owned()),
        Some(values) => Ok(values),
        None => Err(format!("not samples: {data}")),
    }
}

/// The range of plausible values of a panel.
struct Bounds {
    low: f64,
    high: f64,
}

impl Bounds {
    fn of(panel: &Value) -> Self {
        let defaults = &panel["fieldConfig"]["defaults"];
        let mut steps = list(&defaults["thresholds"]["steps"]).filter_map(|step| step["value"].as_f64());
        // Values cannot be negative, except in panels with a colour for negative values.
        let low = if steps.any(|step| step < 0.0) { f64::NEG_INFINITY } else { 0.0 };
        Self { low, high: defaults["max"].as_f64().unwrap_or(f64::INFINITY) }
    }

    /// PromQL returns NaN if there is nothing to divide or to rank at that moment, so some values may be NaN, but not all.
    fn check(&self, values: &[f64]) -> Result<(), String> {
        let numbers: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        if numbers.is_empty() {
            return Err(format!("each of {} values is NaN", values.len()));
        }
        let outside = numbers.iter().find(|value| value.is_infinite() || **value < self.low || **value > self.high);
        outside.map_or(Ok(()), |value| Err(format!("{value} is not between {} and {}", self.low, self.high)))
    }
}
