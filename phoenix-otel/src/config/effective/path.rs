//! Paths of keys, such as `readers[0].periodic`.

use super::scalar::{escaped, is_reserved};

/// A part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment<'p> {
    Key(&'p str),
    Index(usize),
}

/// The parts of a path such as `readers[0].periodic`. A key with other characters than those of names is in double quotes.
pub(super) fn segments(path: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut is_quoted = false;
    let parts = path.split(|c| {
        is_quoted ^= c == '"';
        c == '.' && !is_quoted
    });
    for part in parts {
        if part.starts_with('"') {
            segments.push(Segment::Key(part));
            continue;
        }
        let (key, mut rest) = part.split_once('[').map_or((part, ""), |(key, rest)| (key, rest));
        segments.push(Segment::Key(key));
        while let Some((index, after)) = rest.split_once(']') {
            segments.push(Segment::Index(index.parse().unwrap_or_default()));
            rest = after.strip_prefix('[').unwrap_or_default();
        }
    }
    segments
}

/// The path of a key below `path`.
pub(crate) fn join(path: &str, key: &str) -> String {
    let is_name = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-/".contains(&byte))
        && !is_reserved(key);
    // The quotes end the key.
    let key = if is_name { key.to_owned() } else { format!("\"{}\"", escaped(key).replace("\\\"", "\\x22")) };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The index at which a new path belongs: after the last path of the mapping to which it belongs.
pub(super) fn place<'p>(paths: impl Iterator<Item = &'p str>, new: &str) -> usize {
    let new = segments(new);
    let shared = |path: &str| segments(path).iter().zip(&new).take_while(|(a, b)| a == b).count();
    let paths: Vec<usize> = paths.map(shared).collect();
    let most = paths.iter().copied().max().filter(|most| *most > 0);
    most.and_then(|most| paths.iter().rposition(|shared| *shared == most)).map_or(paths.len(), |last| last + 1)
}
