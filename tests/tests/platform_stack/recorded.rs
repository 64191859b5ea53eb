//! Every recording rule has values.

use std::collections::BTreeSet;

use phoenix_otel_tests::platform::SERVICES;
use phoenix_otel_tests::rules::{Kind, Rule, loaded};

use crate::stack::Stack;

/// Returns the recording rules without values, except those of subsystems that the platform does not have.
pub(crate) fn problems(stack: &Stack) -> Vec<String> {
    let rules: Vec<Rule> = loaded(&stack.prometheus).into_iter().filter(|rule| rule.kind == Kind::Recording).collect();
    let names: BTreeSet<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert!(names.len() > 25, "only {} recording rules were read", names.len());
    rules.iter().filter_map(|rule| problem(stack, rule)).collect()
}

fn problem(stack: &Stack, rule: &Rule) -> Option<String> {
    let matchers: Vec<String> = rule.labels.iter().map(|(label, value)| format!("{label}={value:?}")).collect();
    let series = format!("{}{{{}}}", rule.name, matchers.join(","));
    let seconds = (stack.span.1 - stack.span.0).ceil();
    let seen = stack.prometheus.query(&format!("last_over_time({series}[{seconds}s])"));
    let subsystem = rule.labels.get("subsystem");
    let ours = subsystem.is_none_or(|of| SERVICES.iter().any(|service| service.subsystem == of));
    if seen.is_empty() == ours {
        return Some(match subsystem {
            Some(other) if !ours => format!("{series} has values, though the platform has no {other}"),
            _ => format!("{series} has no value: {}", rule.query),
        });
    }
    let wrong = seen.iter().filter(|(_, value)| !value.is_finite());
    let wrong: Vec<String> = wrong.map(|(labels, value)| format!("{labels:?} {value}")).collect();
    (!wrong.is_empty()).then(|| format!("{series} is no number: {}", wrong.join(", ")))
}
