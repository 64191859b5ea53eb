//! The cache of tools, tested with tools that take no time to build.

use std::process::Command;

use phoenix_otel_tests::tools::repository;

/// Runs lines of bash after sourcing `tests/lib.sh`, with a separate cache.
fn bash(lines: &str) {
    let cache = tempfile::tempdir().unwrap();
    let script = format!(". {}/tests/lib.sh\n{lines}", repository().display());
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &script]).env("PHOENIX_TOOLS", cache.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

const TOOL: &str = r#"
make_tool() { echo x >>"$cache/builds"; content "$1" "$3"; }
content() { echo "$2" >"$1/program"; }
# built TIMES: how often it was built so far.
built() { [ "$(wc -l <"$cache/builds")" -eq "$1" ] || die "built $(wc -l <"$cache/builds") times in place of $1"; }
"#;

#[test]
fn a_tool_is_built_once_and_rebuilt_if_a_part_is_missing() {
    bash(&format!(
        r#"{TOOL}
cached tool make_tool one
first=$made
cached tool make_tool one
built 1
[ "$made" = "$first" ]
rm "$made/program"
cached tool make_tool one
built 2
[ "$(cat "$made/program")" = one ]
"#
    ));
}

#[test]
fn the_digest_covers_recipe_and_inputs() {
    bash(&format!(
        r#"{TOOL}
cached tool make_tool one
first=$made
cached tool make_tool two
[ "$made" != "$first" ] || die "another input is another tool"
content() {{ echo "changed $2" >"$1/program"; }}
cached tool make_tool one
[ "$made" != "$first" ] || die "what the recipe calls belongs to the recipe"
built 3
"#
    ));
}
