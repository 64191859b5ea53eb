//! Series of Prometheus, as a value that can be compared and printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

/// The labels of a series, with its name as `__name__`.
pub type Labels = BTreeMap<String, String>;

/// Samples at one moment: a value for each label set.
#[derive(Debug, Clone, Default)]
pub struct Series(BTreeMap<Labels, f64>);

impl Series {
    /// Parses the `data.result` of an instant query.
    pub(crate) fn from_vector(vector: &Value) -> Result<Self, String> {
        let samples = vector.as_array().ok_or_else(|| format!("not a vector: {vector}"))?;
        let mut series = BTreeMap::new();
        for sample in samples {
            let malformed = || format!("not a sample: {sample}");
            let labels: Labels = sample["metric"]
                .as_object()
                .ok_or_else(malformed)?
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect();
            // A sample value is a string, because JSON has neither NaN nor infinity.
            let value = sample["value"][1].as_str().and_then(|text| text.parse().ok()).ok_or_else(malformed)?;
            series.insert(labels, value);
        }
        Ok(Self(series))
    }

    /// Removes labels.
    ///
    /// # Panics
    ///
    /// If two series become equal: then one was stored twice.
    #[must_use]
    #[track_caller]
    pub fn without(self, dropped: &[&str]) -> Self {
        let mut kept = BTreeMap::new();
        for (mut labels, value) in self.0 {
            let whole = labels.clone();
            for name in dropped {
                labels.remove(*name);
            }
            assert!(
                kept.insert(labels, value).is_none(),
                "without the labels {dropped:?} this series exists twice: {whole:?}"
            );
        }
        Self(kept)
    }

    /// Returns the number of series.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no series.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all series, ordered by their labels.
    pub fn iter(&self) -> impl Iterator<Item = (&Labels, f64)> {
        self.0.iter().map(|(labels, value)| (labels, *value))
    }

    /// Returns the value of the only series with this name and, among others, these labels.
    ///
    /// # Panics
    ///
    /// If there is none or more than one.
    #[track_caller]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |of: &Labels, label: &str, value: &str| of.get(label).is_some_and(|v| v == value);
        let found: Vec<f64> = self
            .iter()
            .filter(|(of, _)| has(of, "__name__", name))
            .filter(|(of, _)| labels.iter().all(|(label, value)| has(of, label, value)))
            .map(|(_, value)| value)
            .collect();
        match found[..] {
            [value] => value,
            _ => panic!("{} series are {name}{labels:?} in:\n{}", found.len(), self.lines()),
        }
    }

    /// Returns one line per series, `name{label="value"} 1`, sorted.
    pub fn lines(&self) -> String {
        let mut lines: Vec<String> = self.0.iter().map(|(labels, value)| line(labels, *value)).collect();
        lines.sort();
        lines.concat()
    }
}

impl FromIterator<(Labels, f64)> for Series {
    fn from_iter<I: IntoIterator<Item = (Labels, f64)>>(series: I) -> Self {
        Self(series.into_iter().collect())
    }
}

fn line(labels: &Labels, value: f64) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .filter(|(label, _)| *label != "__name__")
        .map(|(label, value)| format!("{label}={value:?}"))
        .collect();
    let name = labels.get("__name__").map_or("", String::as_str);
    format!("{name}{{{}}} {value}\n", pairs.join(","))
}

/// Asserts that two ways give the same names, labels and values.
///
/// # Panics
///
/// If they differ. The message has the lines that only one of them has.
#[track_caller]
pub fn assert_same(left: (&str, &Series), right: (&str, &Series)) {
    // Compares lines, because there NaN equals NaN.
    let (left_lines, right_lines) = (left.1.lines(), right.1.lines());
    if left_lines == right_lines {
        return;
    }
    let mut difference = String::new();
    for (name, own, other) in [(left.0, &left_lines, &right_lines), (right.0, &right_lines, &left_lines)] {
        let _ = writeln!(difference, "only {name}:");
        for line in own.lines().filter(|line| !other.lines().any(|o| o == *line)) {
            let _ = writeln!(difference, "  {line}");
        }
    }
    panic!("{} and {} differ\n{difference}", left.0, right.0);
}
