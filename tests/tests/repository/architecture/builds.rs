//! Each dependency is compiled once for all builds of `tests/run`, with the features that the whole workspace uses, whichever packages
//! are selected.

use std::collections::BTreeSet;
use std::process::Command;

use phoenix_otel_tests::tools::repository;

/// Returns what cargo builds for a selection of packages: each external dependency with its features.
fn built(choice: &[&str]) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "--prefix=none", "--format={p} [{f}]"]).args(choice).current_dir(repository());
    let output = cargo.output().unwrap_or_else(|e| panic!("{cargo:?}: {e}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout);
    // A line with a path belongs to this repository. A line that cargo has already shown has a mark at its end.
    let lines = lines.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.contains(" (/"));
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn each_dependency_is_built_once() {
    let all = built(&["--workspace", "--exclude=phoenix-otel-benches", "--all-features"]);
    assert!(all.len() > 200, "{all:#?}");
    let choices: [&[&str]; 3] = [
        &["--package=phoenix-otel-tests"],
        // The selections of `example::binaries` and `collector/up`, for which cargo ignores dev-dependencies.
        &["--package=phoenix-otel-tests", "--package=platform", "--edges=no-dev"],
        &["--package=phoenix-otel-tests", "--package=example-*", "--package=quickstart", "--edges=no-dev"],
    ];
    for choice in choices {
        let others: Vec<_> = built(choice).difference(&all).cloned().collect();
        assert!(
            others.is_empty(),
            "with {choice:?} cargo would compile these once more, with fewer features than the workspace uses: add what is missing to \
             tests/workspace-features/Cargo.toml\n{others:#?}"
        );
    }
}
