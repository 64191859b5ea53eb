//! `promtool check metrics` over what is served. Its findings are those of a list, each with its reason.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use phoenix_otel_tests::tools::{repository_file, tool};

/// Where the findings stand that are meant to be.
const LIST: &str = "tests/contract/promtool.txt";

/// Holds that promtool finds in an exposition what the list has, and nothing else.
///
/// # Panics
///
/// When it finds something else: with that.
#[track_caller]
pub(crate) fn hold(service: &str, exposition: &str) {
    let mut promtool = Command::new(tool("promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    promtool.stdin.take().expect("it reads").write_all(exposition.as_bytes()).expect("it reads all");
    let output = promtool.wait_with_output().expect("promtool ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    // 0: nothing is found; 3: something is; all else: the text cannot be read.
    assert!([Some(0), Some(3)].contains(&output.status.code()), "{service}: {}: {said}", output.status);
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
