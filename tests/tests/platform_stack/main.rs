//! The whole platform under load, with its monitoring: every recording rule has a value, and every query of every dashboard
//! returns plausible data.
//!
//! Prometheus uses the rules and the configuration of the repository. The test's copy scrapes and evaluates every second, and the `for` of an alert
//! is one second, so some alerts fire. The windows in the expressions are unchanged.

mod dashboards;
mod panels;
mod recorded;
mod stack;
mod variables;

use stack::Stack;

/// One test for everything, since starting the stack takes most of the time.
#[test]
fn every_rule_and_every_dashboard_query_has_values() {
    let stack = Stack::under_load();
    let mut problems = recorded::problems(&stack);
    problems.extend(variables::problems(&stack));
    problems.extend(panels::problems(&stack));
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
