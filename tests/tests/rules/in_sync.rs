//! The generated rules match `slo.toml` and the catalog. If they do not, the test regenerates the files and fails.

use std::fs;

use phoenix_otel_tests::rules::{self, Slo};
use phoenix_otel_tests::tools::repository;

#[test]
fn the_generated_rules_are_in_sync() {
    let mut stale = Vec::new();
    for (name, text) in rules::generated(&Slo::read()) {
        let path = repository().join(rules::FOLDER).join(name);
        if fs::read_to_string(&path).unwrap_or_default() != text {
            fs::write(&path, &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "these files did not match slo.toml and the catalog; they are regenerated: check and commit {stale:?}"
    );
}

#[test]
fn wrong_objectives_are_reported() {
    let defaults = "[defaults]\navailability = 99.5\nlatency = { percent = 95, seconds = 1.0 }\n[llm_cost]\ndollars_per_hour = 1.0\n";
    let wrong = |service: &str| Slo::parse(&format!("{defaults}[services.a]\n{service}")).expect_err(service);
    assert!(Slo::parse(&format!("{defaults}[services.a]\n")).is_ok());
    let said = wrong("availability = 100");
    assert!(said.contains("a: 100 percent leaves no error budget; write a number between 0 and 100"), "{said}");
    let said = wrong("latency = { percent = 95, seconds = 0.4 }");
    assert!(said.contains("a: 0.4 s is not a bound of") && said.contains("0.3, 0.5"), "{said}");
    // The histogram of functions has other bounds than that of the edge.
    let said = wrong("measured_by = \"calls\"\nlatency = { percent = 95, seconds = 0.5 }");
    assert!(said.contains("0.5 s is not a bound of") && said.contains("0.3, 0.6"), "{said}");
    assert!(wrong("availabilty = 99").contains("unknown field `availabilty`"));
}
