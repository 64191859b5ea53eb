//! Writes the configuration as a file.

use std::fmt;

use super::{EffectiveConfig, EffectiveValue};

/// A part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment<'p> {
    Key(&'p str),
    Index(usize),
}

/// The parts of a path such as `readers[0].periodic`. A key with a `.` or a `[` is in double quotes.
fn segments(path: &str) -> Vec<Segment<'_>> {
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

impl fmt::Display for EffectiveConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Vec<Segment<'_>> = Vec::new();
        for EffectiveValue { path, value, origin, .. } in self.values.iter().filter(|value| value.is_setting) {
            let now = segments(path);
            let shared = before.iter().zip(&now).take_while(|(a, b)| a == b).count();
            // The dashes of list items stand before the next key.
            let mut dashes = String::new();
            let mut depth = now[..shared].iter().filter(|segment| matches!(segment, Segment::Key(_))).count();
            // Within a list item, its keys are indented by the dash.
            depth += now[..shared].iter().filter(|segment| matches!(segment, Segment::Index(_))).count();
            let mut indent = depth;
            for (place, segment) in now.iter().enumerate().skip(shared) {
                let is_last = place + 1 == now.len();
                match segment {
                    Segment::Index(_) => dashes.push_str("- "),
                    Segment::Key(key) => {
                        let spaces = "  ".repeat(indent);
                        write!(f, "{spaces}{dashes}{key}:")?;
                        indent += 1 + dashes.len() / 2;
                        dashes.clear();
                        if !is_last {
                            writeln!(f)?;
                        }
                    }
                }
            }
            let text = value.to_string();
            let gap = if text.is_empty() { "" } else { " " };
            writeln!(f, "{gap}{text} # {origin}")?;
            before = now;
        }
        for EffectiveValue { path, value, origin, .. } in self.values.iter().filter(|value| !value.is_setting) {
            writeln!(f, "# {path}: {value} ({origin})")?;
        }
        for name in &self.exporters_in_code {
            writeln!(f, "# In code only: the exporter or reader `{name}`")?;
        }
        for what in &self.in_code {
            writeln!(f, "# In code only: {what}")?;
        }
        Ok(())
    }
}
