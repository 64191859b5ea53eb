//! A test that runs itself again in a process of its own, to have its environment and what it prints.

use std::process::{Command, Output, Stdio};

const MARK: &str = "PHOENIX_OTEL_TEST_AGAIN";

/// Whether this is the process that a test started.
pub fn is_child() -> bool {
    std::env::var_os(MARK).is_some()
}

/// This test program with this one test, its output piped.
///
/// # Panics
///
/// When the program cannot be found.
pub fn command(test: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a test knows its own path"));
    command.args([test, "--exact", "--nocapture"]).env(MARK, "1").envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end, and gives what it printed to standard output and to standard error.
///
/// # Panics
///
/// When it fails there.
#[track_caller]
pub fn run(test: &str, variables: &[(&str, &str)]) -> (String, String) {
    let Output { status, stdout, stderr } = command(test, variables).output().expect("the test program starts");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned());
    assert!(status.success(), "{test} ended with {status}:\n{stdout}\n{stderr}");
    assert!(stdout.contains("1 passed"), "there is no test {test}:\n{stdout}");
    (stdout, stderr)
}
