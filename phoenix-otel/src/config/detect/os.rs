//! The operating system: its type, and the data of its `os-release` file.

use super::{Found, Machine};

pub(super) fn detect(machine: &Machine) -> Vec<Found> {
    let release = ["/etc/os-release", "/usr/lib/os-release"].into_iter().find_map(|path| machine.text(path));
    let release = release.unwrap_or_default();
    vec![
        ("os.type", Some(kind(std::env::consts::OS).to_owned())),
        ("os.name", field(&release, "NAME")),
        ("os.version", field(&release, "VERSION_ID")),
        ("os.description", field(&release, "PRETTY_NAME")),
    ]
}

/// The name of an operating system in the semantic conventions.
pub(super) fn kind(rust: &str) -> &str {
    match rust {
        "macos" | "ios" => "darwin",
        "android" => "linux",
        "dragonfly" => "dragonflybsd",
        other => other,
    }
}

/// A field of `os-release(5)` without shell quotes.
fn field(release: &str, name: &str) -> Option<String> {
    let value = release.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='))?;
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let value = match (quoted('"'), quoted('\'')) {
        (Some(value), _) => unescaped(value),
        (None, Some(value)) => value.to_owned(),
        (None, None) => value.to_owned(),
    };
    (!value.is_empty()).then_some(value)
}

/// Removes the backslashes that escape characters in double quotes.
fn unescaped(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    plain
}
