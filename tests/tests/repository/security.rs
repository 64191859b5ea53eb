//! Each promise of `SECURITY.md` names tests that exist.

use std::collections::BTreeSet;
use std::path::Path;

use super::architecture::source::sources;

#[test]
fn each_promise_names_its_tests() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../SECURITY.md");
    let page = std::fs::read_to_string(page).unwrap();
    let files = sources(&["phoenix-otel/src", "tests/tests"]);
    // The tests of a file. The path gives the outer modules; a module within the file is found by its name.
    let exists = |test: &str| {
        let mut parts = test.rsplit("::");
        let name = parts.next().unwrap_or_default();
        let modules: BTreeSet<&str> = parts.filter(|part| *part != "tests").collect();
        files.iter().any(|file| {
            let path: BTreeSet<&str> = file.path.trim_end_matches(".rs").split('/').collect();
            modules.is_subset(&path) && file.text.contains(&format!("fn {name}("))
        })
    };
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Promise")).collect();
    assert!(rows.len() > 15, "{} promises are found", rows.len());
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        let tests: Vec<&str> = tests.split(", ").map(|test| test.trim_matches('`')).collect();
        for test in tests {
            assert!(
                test.contains("::") && exists(test),
                "there is no test {test:?}, which SECURITY.md names in\n{row}"
            );
        }
    }
}

/// With these endpoints a web page in a developer's browser could stop a Prometheus on loopback, which accepts any origin.
#[test]
fn prometheus_runs_without_lifecycle_endpoints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let docs = read("docs/prometheus.md");
    let commands: String = docs.split("```").skip(1).step_by(2).collect();
    assert!(commands.contains("prometheus --config.file"), "{commands}");
    for started in [read("collector/up"), read("collector/compose.yaml"), commands] {
        for flag in ["--web.enable-lifecycle", "--web.enable-admin-api"] {
            assert!(!started.contains(flag), "{flag}");
        }
    }
}
