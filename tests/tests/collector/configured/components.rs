//! The components in the collector's build and those that the configurations use are the same.

use std::collections::BTreeSet;
use std::process::Command;

use phoenix_otel_tests::tools::{repository_file, tool};

use super::configurations::{files, text};

const KINDS: [&str; 4] = ["extensions", "receivers", "processors", "exporters"];

#[test]
fn the_build_has_exactly_the_used_components() {
    let manifest = repository_file("collector/builder.yaml");
    let output = Command::new(tool("otelcol-phoenix")).arg("components").output().expect("it can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    // The order of `- name:` and `module:` of each component.
    let mut built = BTreeSet::new();
    let (mut kind, mut name) = ("", "");
    for line in said.lines() {
        if let Some(of) = line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            kind = of;
        } else if let Some(of) = line.trim().strip_prefix("- name: ") {
            name = of;
        } else if let Some(module) = line.trim().strip_prefix("module: ").filter(|_| KINDS.contains(&kind)) {
            assert!(
                manifest.contains(&format!("gomod: {module}\n")),
                "{module} is not in builder.yaml: add it and rebuild the collector"
            );
            built.insert(format!("{kind}: {name}"));
        }
    }
    let in_manifest = manifest.lines().filter(|line| line.contains("- gomod: ") && !line.contains("/confmap/")).count();
    assert_eq!(built.len(), in_manifest, "builder.yaml names other components than the program has: {built:#?}");
    assert_eq!(built, used());
}

/// Returns the types of the components in the files, by kind.
fn used() -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for file in files() {
        let text = text(&file);
        let mut kind = None;
        for line in text.lines() {
            if let Some(section) = line.split(':').next().filter(|_| line.starts_with(char::is_alphabetic)) {
                kind = KINDS.into_iter().find(|kind| *kind == section);
            } else if let (Some(kind), Some(rest)) = (kind, line.strip_prefix("  "))
                && rest.starts_with(char::is_alphabetic)
            {
                let name = rest.split([':', '/']).next().unwrap_or_default();
                used.insert(format!("{kind}: {name}"));
            }
        }
    }
    used
}
