//! The paths of the programs that the tests run.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository contains the tests")
}

/// Returns the text of a file of the repository.
///
/// # Panics
///
/// If it cannot be read.
pub fn repository_file(path: &str) -> String {
    let path = repository().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Returns the target folder of this test, even if it was set on the command line.
pub fn target() -> PathBuf {
    let test = std::env::current_exe().expect("the path of the test program");
    test.ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map_or_else(|| repository().join("target"), Path::to_path_buf)
}

fn installed(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "{} is missing: run ./tests/run, or tests/tools once before cargo test", path.display());
    path
}

/// Returns the path of a program that `tests/tools` builds: `prometheus`, `promtool`, `alertmanager`, `amtool`, `compose-spec` or `otelcol-phoenix`.
///
/// # Panics
///
/// If it is missing. A test is never skipped for that.
pub fn tool(name: &str) -> PathBuf {
    installed(target().join("tools/bin").join(name))
}

/// Returns the path of axe-core, which checks the accessibility of a page.
///
/// # Panics
///
/// If it is missing.
pub fn axe() -> PathBuf {
    installed(target().join("tools/axe/axe.min.js"))
}

/// Returns the path of a program of the system, from a Debian package.
///
/// # Panics
///
/// If it is missing. A test is never skipped for that.
pub fn program(name: &str, package: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is missing: install it (Debian: {package})"))
}

/// Returns the path of the Python with the foreign parser `prometheus_client`.
///
/// # Panics
///
/// If it is missing.
pub fn python() -> PathBuf {
    installed(target().join("tools/venv/bin/python"))
}

/// Returns the command that runs a script of `tests/node` with the packages there.
///
/// # Panics
///
/// If Node.js is missing.
pub fn node(script: &str) -> Command {
    let folder = target().join("tools/node");
    let mut command = Command::new(installed(folder.join("nodejs/bin/node")));
    command.arg(repository().join("tests/node").join(script)).arg(folder);
    command
}
