//! Misuse that the macros reject, and declarations that they accept, compiled as separate crates. Every message of a macro has a case
//! here: each mistake gives one error, at the user's own tokens, that says what to write. The functions that the attribute accepts are in
//! `pass`, which the tests of both editions run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files in a folder with this extension.
fn files(name: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(name)).expect("the cases");
    let paths = entries.map(|entry| entry.expect("a case").path());
    paths.filter(|path| path.extension().is_some_and(|has| has == extension)).collect()
}

/// All cases together, so that one call of cargo checks them. `trybuild` would link each case that should pass by itself.
#[test]
fn misuse_is_refused() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*.rs");
    cases.compile_fail("declare/fail/*.rs");
}

/// One mistake gives one error. `wrong_type_in_body` has two mistakes.
#[test]
fn one_mistake_is_one_error() {
    let cases = files("fail", "stderr");
    for path in &cases {
        let said = fs::read_to_string(path).expect("what is said");
        let errors = said.lines().filter(|line| line.starts_with("error")).count();
        let mistakes = if path.file_stem().is_some_and(|stem| stem == "wrong_type_in_body") { 2 } else { 1 };
        assert_eq!(errors, mistakes, "{}", path.display());
    }
    assert!(cases.len() >= 20, "{}", cases.len());
}

/// Each is a binary of this package, so cargo compiles it as a separate crate with dependencies that are already built.
#[test]
fn declarations_hold() {
    let built = [
        ("bounds", env!("CARGO_BIN_EXE_bounds")),
        ("call_set", env!("CARGO_BIN_EXE_call_set")),
        ("domain", env!("CARGO_BIN_EXE_domain")),
        ("error_types", env!("CARGO_BIN_EXE_error_types")),
        ("kinds", env!("CARGO_BIN_EXE_kinds")),
        ("labels", env!("CARGO_BIN_EXE_labels")),
        ("places", env!("CARGO_BIN_EXE_places")),
    ];
    for (name, binary) in built {
        let output = Command::new(binary).output().unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let listed: BTreeSet<String> = built.iter().map(|(name, _)| format!("{name}.rs")).collect();
    let there = files("declare/pass", "rs").into_iter();
    let there: BTreeSet<String> =
        there.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect();
    assert_eq!(listed, there, "each is listed above and in Cargo.toml");
}
