//! The number of crates of a service, as in `cargo tree`. The limits leave some room for new versions of dependencies.
//! If a limit is exceeded, first look for a dependency to remove.

use std::collections::BTreeSet;
use std::process::Command;

use phoenix_otel_tests::tools::repository;

/// Returns the crates of a package with these features, including the package.
fn crates(package: &str, features: &str) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "--edges=normal", "--prefix=none", "--format={p}", "--no-default-features"]);
    cargo.args(["--package", package, "--features", features]).current_dir(repository());
    let output = cargo.output().unwrap_or_else(|e| panic!("{cargo:?}: {e}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout);
    // Two versions of a crate count as two.
    let named = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    lines.lines().filter(|line| !line.is_empty()).map(named).collect()
}

fn has(crates: &BTreeSet<String>, name: &str) -> bool {
    crates.iter().any(|known| known.split(' ').next() == Some(name))
}

#[test]
fn a_library_gets_neither_the_sdk_nor_tokio() {
    for features in ["", "platform"] {
        let crates = crates("phoenix-otel", features);
        assert!(has(&crates, "opentelemetry"), "{crates:#?}");
        for foreign in ["opentelemetry_sdk", "tokio", "hyper", "prometheus", "tracing-subscriber"] {
            assert!(!has(&crates, foreign), "`{features}`: {foreign} is among {crates:#?}");
        }
    }
    // Libraries can use the layers.
    let crates = crates("phoenix-otel", "http");
    assert!(!has(&crates, "opentelemetry_sdk") && !has(&crates, "tokio"), "{crates:#?}");
}

#[test]
fn a_service_gets_few_crates() {
    // The total of a hello-world with axum, which has 37 crates itself.
    for (features, most) in [("prometheus", 60), ("by-default", 95)] {
        let crates = crates("phoenix-otel-weight", features);
        assert!(has(&crates, "opentelemetry_sdk") && has(&crates, "axum"), "{crates:#?}");
        assert!(crates.len() <= most, "`{features}`: {} crates, {most} at most\n{crates:#?}", crates.len());
    }
}

#[test]
fn an_optional_dependency_needs_its_feature() {
    let crates = crates("phoenix-otel-weight", "by-default");
    let words = ["tonic", "rustls", "ring", "prometheus", "opentelemetry-prometheus", "tracing-subscriber", "procfs"];
    for foreign in words {
        assert!(!has(&crates, foreign), "{foreign} is among {crates:#?}");
    }
}
