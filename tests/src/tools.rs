//! Where the programs are that the tests run.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the repository")
}

/// The text of a file of the repository.
///
/// # Panics
///
/// When it cannot be read.
pub fn repository_file(path: &str) -> String {
    let path = repository().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The target folder that this test was built into, whatever way it was chosen.
pub fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    test.ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map_or_else(|| repository().join("target"), Path::to_path_buf)
}

fn installed(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "{} is missing: run ./tests/run, or tests/tools once before cargo test", path.display());
    path
}

/// A program that `tests/tools` builds: `prometheus`, `promtool`, `alertmanager`, `amtool`, `compose-spec` or `otelcol-phoenix`.
///
/// # Panics
///
/// When it is missing. A test is never skipped for that.
pub fn tool(name: &str) -> PathBuf {
    installed(target().join("tools/bin").join(name))
}

/// axe-core, which finds what keeps people from using a page.
///
/// # Panics
///
/// When it is missing.
pub fn axe() -> PathBuf {
    installed(target().join("tools/axe/axe.min.js"))
}

/// A program of the system, which is in a package of Debian.
///
/// # Panics
///
/// When it is missing. A test is never skipped for that.
pub fn program(name: &str, package: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is missing: install it (Debian: {package})"))
}

/// The Python that has the foreign parser `prometheus_client`.
///
/// # Panics
///
/// When it is missing.
pub fn python() -> PathBuf {
    installed(target().join("tools/venv/bin/python"))
}
