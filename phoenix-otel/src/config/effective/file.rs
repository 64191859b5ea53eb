//! Writes the configuration as a file.

use std::fmt;

use super::path::{Segment, segments};
use super::{EffectiveConfig, EffectiveValue};

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
