//! Reads an exposition with foreign programs: a parser and a lint.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::tools::{python, tool};

/// A sample with an exemplar.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleWithExemplar {
    /// The name of the sample, with its suffix.
    pub name: String,
    /// The labels of the sample.
    pub labels: BTreeMap<String, String>,
    /// The labels of the exemplar.
    pub exemplar: BTreeMap<String, String>,
    /// The value of the exemplar.
    pub value: f64,
    /// The timestamp of the exemplar, in seconds since 1970.
    pub time: f64,
}

impl SampleWithExemplar {
    /// Returns the trace ID of the exemplar.
    pub fn trace_id(&self) -> &str {
        self.exemplar.get("trace_id").map_or("", String::as_str)
    }

    /// Returns the span ID of the exemplar.
    pub fn span_id(&self) -> &str {
        self.exemplar.get("span_id").map_or("", String::as_str)
    }
}

/// Parses expositions, each given with its format: `text` or `openmetrics`.
///
/// # Panics
///
/// If the parser fails.
pub fn parse(expositions: &[(&str, &str)]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/parse.py");
    let input = serde_json::to_vec(expositions).expect("text is JSON");
    let output = run_with_input(Command::new(python()).arg(script), &input);
    assert!(output.status.success(), "parse.py failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the script prints JSON")
}

/// Returns the findings of `promtool check metrics`, one per line.
///
/// # Errors
///
/// If promtool cannot parse the text. The error is its output.
pub fn lint(exposition: &str) -> Result<String, String> {
    let output = run_with_input(Command::new(tool("promtool")).args(["check", "metrics"]), exposition.as_bytes());
    let said = String::from_utf8_lossy(&[output.stderr, output.stdout].concat()).into_owned();
    // 0: no findings; 3: findings; anything else: the text is invalid.
    if matches!(output.status.code(), Some(0 | 3)) { Ok(said) } else { Err(format!("{}: {said}", output.status)) }
}

/// Runs a program with this input.
fn run_with_input(command: &mut Command, input: &[u8]) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = command.spawn().expect("the program starts");
    program.stdin.take().expect("it is piped").write_all(input).expect("the program reads its input");
    program.wait_with_output().expect("the program ends")
}

/// Returns the samples of an OpenMetrics exposition that have an exemplar.
///
/// # Panics
///
/// If the parser rejects the exposition.
pub fn exemplars(exposition: &str) -> Vec<SampleWithExemplar> {
    let answer = &parse(&[("openmetrics", exposition)])[0];
    assert!(answer["error"].is_null(), "{}\n{exposition}", answer["error"]);
    let families = answer["families"].as_array().expect("a list").iter();
    let samples = families.flat_map(|family| family["samples"].as_array().expect("a list"));
    samples.filter(|sample| !sample[3].is_null()).map(with_exemplar).collect()
}

fn with_exemplar(sample: &Value) -> SampleWithExemplar {
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let number = |value: &Value| text(value).parse().expect("a number");
    let map = |value: &Value| {
        let map = value.as_object().expect("a map").iter();
        map.map(|(name, value)| (name.clone(), text(value))).collect()
    };
    SampleWithExemplar {
        name: text(&sample[0]),
        labels: map(&sample[1]),
        exemplar: map(&sample[3]["labels"]),
        value: number(&sample[3]["value"]),
        time: number(&sample[3]["time"]),
    }
}
