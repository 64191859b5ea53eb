//! The Python parsers, as a process.

use std::collections::BTreeMap;

use phoenix_otel_tests::openmetrics;
use serde_json::Value;

/// A series: its sample name and its labels, sorted.
pub(crate) type Series = (String, Vec<(String, String)>);

/// Samples by series. Values are text, so that NaN equals itself.
pub(crate) type Samples = BTreeMap<Series, String>;

/// A family in the parser's result.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) help: String,
    pub(crate) unit: String,
}

/// The result of a parser.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) families: Vec<Family>,
    pub(crate) samples: Samples,
}

/// Normalizes a sample for comparisons: bounds as numbers, since formats differ, and no empty labels, since they are the same as missing ones.
pub(crate) fn sample(name: &str, labels: impl IntoIterator<Item = (String, String)>, value: f64) -> (Series, String) {
    let mut labels: Vec<(String, String)> = labels
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| match (&*name, value.parse::<f64>()) {
            ("le" | "quantile", Ok(bound)) => (name, format!("{bound:?}")),
            _ => (name, value),
        })
        .collect();
    labels.sort();
    ((name.to_owned(), labels), format!("{value:?}"))
}

/// Parses expositions with the parser for their format, `text` or `openmetrics`.
pub(crate) fn parse(expositions: &[(&str, &str)]) -> Vec<Result<Parsed, String>> {
    let answers = openmetrics::parse(expositions);
    assert_eq!(answers.len(), expositions.len());
    answers.iter().map(parsed).collect()
}

fn parsed(answer: &Value) -> Result<Parsed, String> {
    if let Some(error) = answer["error"].as_str() {
        return Err(error.to_owned());
    }
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let mut read = Parsed { families: Vec::new(), samples: Samples::new() };
    for family in answer["families"].as_array().expect("a list") {
        read.families.push(Family {
            name: text(&family["name"]),
            kind: text(&family["type"]),
            help: text(&family["help"]),
            unit: text(&family["unit"]),
        });
        for entry in family["samples"].as_array().expect("a list") {
            let labels = entry[1].as_object().expect("a map").iter().map(|(name, value)| (name.clone(), text(value)));
            let value = text(&entry[2]).parse().expect("a number");
            let (series, value) = sample(&text(&entry[0]), labels, value);
            if read.samples.insert(series.clone(), value).is_some() {
                return Err(format!("{series:?} stands twice"));
            }
        }
    }
    Ok(read)
}
