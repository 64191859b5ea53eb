//! The list of the names that a program exports, and the difference of two lists.

use std::collections::BTreeSet;

use super::def::MetricDef;
use super::function;
use super::function_def::FunctionDef;
use super::name::label_name;
use super::naming::Naming;
use super::page;

/// The lines of the list: the Prometheus name of each metric with its labels and type, and the counter of each instrumented function with the
/// label `method`.
pub(crate) fn lines<'d>(
    naming: &Naming,
    metrics: impl IntoIterator<Item = &'d MetricDef>,
    functions: impl IntoIterator<Item = &'d FunctionDef>,
) -> BTreeSet<String> {
    let mut lines: BTreeSet<String> = metrics.into_iter().map(|def| metric(naming, def, None)).collect();
    for FunctionDef { method, subsystem, .. } in functions {
        let requests = function::requests(naming, *subsystem);
        let recorded =
            [requests, function::REQUEST_DURATION::DEF, function::ERRORS::DEF, function::REQUESTS_ACTIVE::DEF];
        lines.extend(recorded.map(|def| metric(naming, def, *subsystem)));
        lines.insert(format!("{}{{method={method:?}}}", name(naming, requests, *subsystem)));
    }
    lines
}

fn metric(naming: &Naming, def: &MetricDef, subsystem: Option<&str>) -> String {
    // Sorted, since the order of labels does not matter.
    let labels: BTreeSet<_> = def.labels.iter().map(|label| label_name(label.name)).collect();
    let labels: Vec<_> = labels.into_iter().collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    format!("{}{labels} {}", name(naming, def, subsystem), page::kind(def))
}

fn name(naming: &Naming, def: &MetricDef, subsystem: Option<&str>) -> String {
    def.prometheus_name(&naming.resolve(def.name, subsystem))
}

/// The lines that only the old list has, and those that only the new list has. Comments and blank lines are ignored.
pub(crate) fn difference(before: &str, now: &BTreeSet<String>) -> (Vec<String>, Vec<String>) {
    let lines = before.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let before: BTreeSet<String> = lines.map(str::to_owned).collect();
    (before.difference(now).cloned().collect(), now.difference(&before).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_compared_by_their_lines() {
        let now = BTreeSet::from(["a counter", "b{x} gauge"].map(str::to_owned));
        let lines = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
        let none = (lines(&[]), lines(&[]));
        assert_eq!(difference("# a comment\r\n\r\nb{x} gauge\r\na counter\r\n", &now), none);
        let both = (lines(&["b gauge", "c counter"]), lines(&["b{x} gauge"]));
        assert_eq!(difference("b gauge\na counter\nc counter\n", &now), both);
        assert_eq!(difference("", &now), (lines(&[]), lines(&["a counter", "b{x} gauge"])));
    }
}
