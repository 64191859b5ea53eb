//! The README's example records what the README shows.

use phoenix_otel::{ErrorType, instrument_metrics};
use phoenix_otel_tests::isolated;
use phoenix_otel_tests::tools::repository_file;

#[derive(Debug, ErrorType)]
enum PlanError {
    NoBudget,
}

#[instrument_metrics]
fn plan(goal: &str) -> Result<usize, PlanError> {
    if goal.is_empty() { Err(PlanError::NoBudget) } else { Ok(goal.len()) }
}

#[test]
fn the_readme_shows_what_its_example_records() {
    isolated!();
    let builder = phoenix_otel::builder("orchestrator").exporter("prometheus").without_listener();
    let telemetry = builder.without_subscriber().init().expect("init succeeds");
    println!("{:?}, {:?}", plan("Paris"), plan(""));
    let exposition = telemetry.exposition().expect("there is an exposition");

    let readme = repository_file("README.md");
    let (_, block) = readme.split_once("```text\n").expect("a block of samples");
    let (block, _) = block.split_once("```").expect("its end");
    assert!(block.lines().count() >= 4, "{block}");
    for line in block.lines() {
        assert!(exposition.lines().any(|sample| sample == line), "{line} is not in\n{exposition}");
    }
    // The values of the README's own function.
    let function = "if goal.is_empty() { Err(PlanError::NoBudget) } else { Ok(goal.len()) }";
    assert!(readme.contains(function) && readme.contains("plan(\"Paris\"), plan(\"\")"), "{readme}");
}
