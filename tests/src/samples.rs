//! An exposition as a map, for tests that read single samples. Foreign parsers test what the format allows.

use std::collections::BTreeMap;

/// The samples of a text exposition.
#[derive(Debug)]
pub struct Samples(Vec<Sample>);

/// A sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The name, with its suffix.
    pub name: String,
    /// The labels, unescaped.
    pub labels: BTreeMap<String, String>,
    /// The value.
    pub value: f64,
}

impl FromIterator<Sample> for Samples {
    fn from_iter<I: IntoIterator<Item = Sample>>(samples: I) -> Self {
        Self(samples.into_iter().collect())
    }
}

impl Samples {
    /// Parses an exposition.
    ///
    /// # Panics
    ///
    /// If a line is neither a comment nor a sample.
    pub fn parse(exposition: &str) -> Self {
        let lines = exposition.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(|line| sample(line).unwrap_or_else(|| panic!("not a sample: {line:?}"))).collect())
    }

    /// Returns the current exposition of a telemetry.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn of(telemetry: &phoenix_otel::Telemetry) -> Self {
        Self::parse(&telemetry.exposition().expect("there is an exposition"))
    }

    /// Returns the value of the only sample with this name and, among others, these labels.
    ///
    /// # Panics
    ///
    /// If there are several.
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let found: Vec<_> = self.all(name, labels).collect();
        assert!(found.len() < 2, "{name} {labels:?} is not one sample: {found:#?}");
        found.first().map(|sample| sample.value)
    }

    /// Returns all samples with this name and, among others, these labels.
    pub fn all<'s>(&'s self, name: &'s str, labels: &'s [(&str, &str)]) -> impl Iterator<Item = &'s Sample> {
        self.0.iter().filter(move |sample| {
            sample.name == name
                && labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|has| has == value))
        })
    }

    /// Returns the sum of all samples with this name and, among others, these labels.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.all(name, labels).map(|sample| sample.value).sum()
    }

    /// Returns all samples.
    pub fn iter(&self) -> impl Iterator<Item = &Sample> {
        self.0.iter()
    }
}

/// Whether reading a series changes its value: those of collections, exports and scrapes of the telemetry itself.
pub fn changes_when_read(name: &str) -> bool {
    const MOVING: [&str; 5] = [
        "otel_sdk_",
        "phoenix_otel_series",
        "phoenix_otel_scrapes_total",
        "phoenix_otel_scrape_duration_seconds",
        "phoenix_otel_last_export_timestamp_seconds",
    ];
    MOVING.iter().any(|moving| name.starts_with(moving))
}

fn sample(line: &str) -> Option<Sample> {
    let end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(mut inside) = rest.strip_prefix('{') {
        while !inside.starts_with('}') {
            let (label, after) = inside.split_once("=\"")?;
            let (value, after) = quoted(after)?;
            labels.insert(label.to_owned(), value);
            inside = after.strip_prefix(',').unwrap_or(after);
        }
        rest = &inside[1..];
    }
    // An exemplar or a timestamp may follow the value.
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Sample { name: name.to_owned(), labels, value })
}

/// Returns the unescaped text up to the closing quote, and the rest after the quote.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                escaped => value.push(escaped),
            },
            character => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read() {
        let samples = Samples::parse("# HELP a b\na{x=\"1\\n\\\"\",y=\"\"} 2\na 3 # {} 1\n");
        assert_eq!(samples.get("a", &[("x", "1\n\""), ("y", "")]), Some(2.0));
        assert_eq!(samples.sum("a", &[]), 5.0);
    }
}
