//! Runs the examples as processes, built by cargo.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::Process;
use crate::tools::{repository, target};
use crate::wait::wait_until;

/// The command of an example and its expected output: the file `output.txt` beside its `Cargo.toml`.
///
/// The file looks like a terminal. Its first line is `$ cargo run -p PACKAGE`, optionally with ` -- ARGUMENTS`. The other lines must be printed in
/// this
/// order; further lines between them are allowed. `…` matches any text. If the last line is `^C`, the example runs
/// until it gets SIGINT.
#[derive(Debug)]
pub struct Transcript {
    /// The package.
    pub package: String,
    arguments: Vec<String>,
    lines: Vec<String>,
    interrupted: bool,
}

impl Transcript {
    /// Parses a transcript.
    ///
    /// # Errors
    ///
    /// If the text does not begin with a command, or has no output.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let command = if lines.is_empty() { String::new() } else { lines.remove(0) };
        let mut words = command.strip_prefix("$ cargo run -p ").unwrap_or_default().split(' ').map(str::to_owned);
        let package = words.next().unwrap_or_default();
        let interrupted = lines.pop_if(|line| line == "^C").is_some();
        if package.is_empty() || lines.is_empty() {
            return Err("expected `$ cargo run -p PACKAGE` as the first line, and then the output".to_owned());
        }
        Ok(Self { package, arguments: words.skip(1).collect(), lines, interrupted })
    }

    /// Runs the binary to its end and compares its output.
    ///
    /// # Panics
    ///
    /// If it fails, does not end, or prints something else.
    #[track_caller]
    pub fn check(&self, binary: &PathBuf) {
        let Self { package, arguments, lines, interrupted } = self;
        let folder = folder(package);
        let mut command = command(binary);
        command.args(arguments);
        let mut process = Process::start(package, command, folder.path());
        if *interrupted {
            process.wait_ready(|process| printed(&process.log(), lines));
            process.signal("INT");
        }
        let status = wait_until(&format!("{package} to end"), || process.ended().ok_or_else(|| process.log_tail()));
        let log = process.log();
        assert!(status.success(), "{package} ended with {status}:\n{log}");
        printed(&log, lines).unwrap_or_else(|missing| panic!("{package}: {missing}\nIt printed:\n{log}"));
    }

    /// Runs the binary with OTLP to an address that refuses connections. An example that runs until it is stopped gets SIGTERM. It must exit with
    /// code
    /// 0, and log the loss with the receiver's address.
    ///
    /// # Panics
    ///
    /// If it fails, does not end, or does not log the loss.
    #[track_caller]
    pub fn check_without_collector(&self, binary: &PathBuf, collector: &str) {
        let Self { package, arguments, lines, interrupted } = self;
        let folder = folder(package);
        let mut command = command(binary);
        command.env("OTEL_METRICS_EXPORTER", "otlp").env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{collector}"));
        // In the transcript this argument stops a service. Without it the service runs until SIGTERM.
        let ends_in_time = arguments.iter().position(|argument| argument == "--for");
        let (before, after) = arguments.split_at(ends_in_time.unwrap_or(arguments.len()));
        command.args(before).args(after.iter().skip(2));
        let mut process = Process::start(package, command, folder.path());
        if *interrupted || ends_in_time.is_some() {
            let awaited = if *interrupted { lines } else { &lines[..1] };
            process.wait_ready(|process| printed(&process.log(), awaited).and_then(|()| process.catches("TERM")));
            process.signal("TERM");
        }
        let status = wait_until(&format!("{package} to end"), || process.ended().ok_or_else(|| process.log_tail()));
        let log = process.log();
        assert!(status.success(), "{package} ended with {status}:\n{log}");
        let reported =
            |line: &str| line.contains("at shutdown: ") && line.contains("not delivered: ") && line.contains(collector);
        assert!(log.lines().any(reported), "{package} logs no loss:\n{log}");
    }
}

/// Returns a command without the variables of the test's own configuration, and with free ports.
pub fn command(binary: &PathBuf) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().contains("OTEL_")) {
        command.env_remove(name);
    }
    command.env("LISTEN", "127.0.0.1:0").env("OTEL_EXPORTER_PROMETHEUS_PORT", "0");
    command
}

/// Returns a temporary folder for the files of an example.
///
/// # Panics
///
/// If it cannot be created.
pub fn folder(package: &str) -> TempDir {
    tempfile::Builder::new().prefix(&format!("{package}-")).tempdir().expect("a temporary folder")
}

/// Removes the variables that cargo sets for a test. For a build, they would look like a change to build scripts that watch them.
pub fn without_variables_of_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if ["CARGO_MANIFEST_", "CARGO_PKG_", "OUT_DIR"].iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
}

/// Builds binaries with cargo, which builds no binary of another package for a test. Returns their paths by name.
///
/// # Panics
///
/// If one does not compile. The message has the output of cargo.
pub fn binaries(packages: &[&str]) -> BTreeMap<String, PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--bins", "--message-format=json", "--target-dir"]).arg(target()).current_dir(repository());
    // Add the package of the tests, which has no binary, so that dependencies keep the features with which they are built already.
    cargo.args(["--package", env!("CARGO_PKG_NAME")]).args(packages.iter().flat_map(|package| ["--package", package]));
    without_variables_of_cargo(&mut cargo);
    let output = cargo.output().unwrap_or_else(|e| panic!("{cargo:?}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{packages:?} do not compile:\n{said}");
    // One message per line. The messages of binaries contain their paths.
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, PathBuf::from(message["executable"].as_str()?)))
    });
    built.collect()
}

/// Returns the transcripts of all examples by folder, with an error if one is missing or invalid.
///
/// # Panics
///
/// If the examples cannot be listed.
pub fn transcripts() -> Vec<(String, Result<Transcript, String>)> {
    let folders = fs::read_dir(repository().join("examples")).expect("there are examples");
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.expect("a folder can be listed").path()).collect();
    folders.retain(|folder| folder.join("Cargo.toml").exists());
    folders.sort();
    let read = |folder: PathBuf| {
        let file = folder.join("output.txt");
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()));
        (folder.display().to_string(), text.and_then(|text| Transcript::parse(&text)))
    };
    folders.into_iter().map(read).collect()
}

/// Checks that these lines are printed in this order.
fn printed(log: &str, lines: &[String]) -> Result<(), String> {
    let mut printed = log.lines();
    for line in lines {
        if !printed.any(|printed| is_like(printed, line)) {
            return Err(format!("missing line, after the previous ones: {line}"));
        }
    }
    Ok(())
}

/// Whether a line matches the expected one, in which `…` matches any text.
fn is_like(printed: &str, shown: &str) -> bool {
    let Some((start, mut shown)) = shown.split_once('…') else { return printed == shown };
    let Some(mut rest) = printed.strip_prefix(start) else { return false };
    while let Some((part, after)) = shown.split_once('…') {
        let Some((_, found)) = rest.split_once(part) else { return false };
        (rest, shown) = (found, after);
    }
    rest.ends_with(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transcripts_are_read() {
        let transcript = Transcript::parse("$ cargo run -p shop -- --for 2s\n\nlistening\n^C\n").unwrap();
        assert_eq!((&*transcript.package, transcript.interrupted), ("shop", true));
        assert_eq!(transcript.arguments, ["--for", "2s"]);
        assert_eq!(transcript.lines, ["listening"]);
        for wrong in ["", "listening", "$ cargo run -p shop", "$ cargo run -p shop\n^C"] {
            assert!(Transcript::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn lines_are_compared() {
        assert!(is_like("a 1 b 2", "a 1 b 2") && is_like("a 1 b 2", "a … b …") && is_like("a 1 b 2", "…"));
        for other in ["a 1 b", "…b", "b…", "a … c …", "a 1 b 2 "] {
            assert!(!is_like("a 1 b 2", other), "{other}");
        }
        let shown = |lines: &[&str]| printed("a\nb\nc", &lines.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(shown(&["a", "c"]).is_ok() && shown(&["c", "a"]).is_err());
    }
}
