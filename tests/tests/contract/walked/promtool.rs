//! `promtool check metrics` over what is served. Its findings are those of a list, each with its reason.

use std::collections::BTreeSet;

use phoenix_otel_tests::openmetrics::findings;
use phoenix_otel_tests::tools::repository_file;

/// Where the findings stand that are meant to be.
const LIST: &str = "tests/contract/promtool.txt";

/// Holds that promtool finds in an exposition what the list has, and nothing else.
///
/// # Panics
///
/// When it finds something else: with that.
#[track_caller]
pub(crate) fn hold(service: &str, exposition: &str) {
    let said = findings(exposition).unwrap_or_else(|error| panic!("{service}: {error}"));
    let known = known();
    let found: Vec<&str> = said.lines().filter(|line| !known.contains(line.trim())).collect();
    assert!(found.is_empty(), "{service}: mend these, or put them into {LIST} with the reason:\n{}", found.join("\n"));
}

/// The findings of the list. Above each group of them stands why they stay, as a comment.
fn known() -> BTreeSet<String> {
    let list = repository_file(LIST);
    assert!(list.starts_with('#'), "{LIST} gives a reason for each finding");
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// A service that checks its own exposition meets these, so they are told with the reason.
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
