//! Runs `promtool check metrics` on the expositions. The findings must be those of a list, each with its reason.

use std::collections::BTreeSet;

use phoenix_otel_tests::openmetrics::lint;
use phoenix_otel_tests::tools::repository_file;

/// The file with the accepted findings.
const LIST: &str = "tests/contract/promtool.txt";

/// Asserts that the findings of promtool are those of the list.
///
/// # Panics
///
/// If there are other findings. The message has them.
#[track_caller]
pub(crate) fn check(service: &str, exposition: &str) {
    let said = lint(exposition).unwrap_or_else(|error| panic!("{service}: {error}"));
    let known = known();
    let found: Vec<&str> = said.lines().filter(|line| !known.contains(line.trim())).collect();
    assert!(found.is_empty(), "{service}: mend these, or put them into {LIST} with the reason:\n{}", found.join("\n"));
}

/// Returns the findings of the list. A comment above each group has the reason.
fn known() -> BTreeSet<String> {
    let list = repository_file(LIST);
    assert!(list.starts_with('#'), "{LIST} must begin with a reason");
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// A service that checks its own exposition gets these findings, so the documentation explains them.
#[test]
fn findings_that_every_service_meets_are_documented() {
    const PAGE: &str = "docs/prometheus.md";
    let page = repository_file(PAGE);
    let lines: BTreeSet<&str> = page.lines().collect();
    let of_every_service: Vec<String> =
        known().into_iter().filter(|finding| !finding.starts_with("phoenix_")).collect();
    assert!(!of_every_service.is_empty());
    for finding in of_every_service {
        assert!(lines.contains(finding.as_str()), "{PAGE} does not have: {finding}");
    }
}
