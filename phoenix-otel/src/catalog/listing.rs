//! What a program exports, a line each, and how two such lists differ.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::def::MetricDef;
use super::function;
use super::function_def::FunctionDef;
use super::name::label_name;
use super::naming::Naming;
use super::page;

/// The Prometheus name of each metric with its labels and its type, and each instrumented function as a label of its counter.
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
    // Series do not know the order of their labels.
    let labels: BTreeSet<_> = def.labels.iter().map(|label| label_name(label.name)).collect();
    let labels: Vec<_> = labels.into_iter().collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    format!("{}{labels} {}", name(naming, def, subsystem), page::kind(def))
}

fn name(naming: &Naming, def: &MetricDef, subsystem: Option<&str>) -> String {
    def.prometheus_name(&naming.resolve(def.name, subsystem))
}

/// The lines that only one of the two lists has, marked with `-` and `+`, sorted by name. Comments and blank lines have no part in it.
pub(crate) fn difference(before: &str, now: &BTreeSet<String>) -> String {
    let before: BTreeSet<&str> =
        before.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let gone = before.iter().filter(|line| !now.contains(**line)).map(|line| (*line, '-'));
    let new = now.iter().map(String::as_str).filter(|line| !before.contains(line)).map(|line| (line, '+'));
    let mut lines: Vec<_> = gone.chain(new).collect();
    lines.sort_unstable();
    let mut text = String::new();
    for (line, mark) in lines {
        let _ = writeln!(text, "  {mark} {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_compared_by_their_lines() {
        let now = BTreeSet::from(["a counter", "b{x} gauge"].map(str::to_owned));
        assert_eq!(difference("# a comment\r\n\r\nb{x} gauge\r\na counter\r\n", &now), "");
        assert_eq!(difference("b gauge\na counter\nc counter\n", &now), "  - b gauge\n  + b{x} gauge\n  - c counter\n");
        assert_eq!(difference("", &now), "  + a counter\n  + b{x} gauge\n");
    }
}
