//! The whole platform under load, with all that stands behind it: every recording rule has a value, and every query of every dashboard
//! returns data that an operator can make sense of.
//!
//! Prometheus has its rules and its configuration of the repository. In the test's copy it scrapes and evaluates every second, and an alert
//! waits a second, so that some fire; the windows inside expressions stay.

mod dashboards;
mod panels;
mod recorded;
mod stack;
mod variables;

use stack::Stack;

/// One stack for all: it is what takes the time.
#[test]
fn every_rule_and_every_query_of_a_dashboard_has_values() {
    let stack = Stack::under_load();
    let mut problems = recorded::problems(&stack);
    problems.extend(variables::problems(&stack));
    problems.extend(panels::problems(&stack));
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
