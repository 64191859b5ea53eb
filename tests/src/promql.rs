//! Reads the selectors and labels of an expression with Prometheus' own parser.

use serde_json::Value;

use crate::Prometheus;

/// The names and labels of an expression.
#[derive(Clone, Debug, Default)]
pub struct Expression {
    /// The selected series.
    pub selectors: Vec<Selector>,
    /// The labels that it groups by, matches on, or includes.
    pub labels: Vec<String>,
}

/// A selector.
#[derive(Clone, Debug)]
pub struct Selector {
    /// The metric names; several if the selector has an alternative of names.
    pub names: Vec<String>,
    /// The other labels, each with the compared values.
    pub matchers: Vec<(String, Vec<String>)>,
}

/// Parses an expression.
///
/// # Errors
///
/// The error of Prometheus.
pub fn parse(prometheus: &Prometheus, promql: &str) -> Result<Expression, String> {
    let tree = prometheus.api("/api/v1/parse_query", &[("query", promql)])?;
    let mut expression = Expression::default();
    walk(&tree, &mut expression);
    Ok(expression)
}

fn walk(node: &Value, into: &mut Expression) {
    let Value::Object(fields) = node else {
        for child in node.as_array().into_iter().flatten() {
            walk(child, into);
        }
        return;
    };
    if let Some(matchers) = node["matchers"].as_array() {
        into.selectors.push(selector(matchers));
        return;
    }
    let lists = [&node["grouping"], &node["matching"]["labels"], &node["matching"]["include"]];
    let names = lists.iter().filter_map(|list| list.as_array()).flatten().filter_map(Value::as_str);
    into.labels.extend(names.map(str::to_owned));
    fields.values().for_each(|child| walk(child, into));
}

fn selector(matchers: &[Value]) -> Selector {
    let mut selector = Selector { names: Vec::new(), matchers: Vec::new() };
    for matcher in matchers {
        let [name, value] = ["name", "value"].map(|key| matcher[key].as_str().unwrap_or_default());
        let values = value.split('|').map(str::to_owned).collect();
        if name == "__name__" {
            selector.names = values;
        } else {
            selector.matchers.push((name.to_owned(), values));
        }
    }
    selector
}
