//! What programs that are not ours make of an exposition: a parser, and a lint.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::tools::{python, tool};

/// A sample that has an exemplar.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplified {
    /// The sample's name, with its suffix.
    pub name: String,
    /// The sample's labels.
    pub labels: BTreeMap<String, String>,
    /// The exemplar's labels.
    pub exemplar: BTreeMap<String, String>,
    /// The exemplar's value.
    pub value: f64,
    /// When it was observed, in seconds since 1970.
    pub time: f64,
}

impl Exemplified {
    /// The trace that the exemplar names.
    pub fn trace_id(&self) -> &str {
        self.exemplar.get("trace_id").map_or("", String::as_str)
    }

    /// The span that the exemplar names.
    pub fn span_id(&self) -> &str {
        self.exemplar.get("span_id").map_or("", String::as_str)
    }
}

/// What the parser reads in each exposition, given with its format: `text` or `openmetrics`.
///
/// # Panics
///
/// Where its program fails.
pub fn parsed(expositions: &[(&str, &str)]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/parse.py");
    let input = serde_json::to_vec(expositions).expect("text is JSON");
    let output = fed(Command::new(python()).arg(script), &input);
    assert!(output.status.success(), "parse.py failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the script answers in JSON")
}

/// What `promtool check metrics` says of an exposition, a finding a line.
///
/// # Errors
///
/// Where it cannot read the text: with what it says.
pub fn findings(exposition: &str) -> Result<String, String> {
    let output = fed(Command::new(tool("promtool")).args(["check", "metrics"]), exposition.as_bytes());
    let said = String::from_utf8_lossy(&[output.stderr, output.stdout].concat()).into_owned();
    // 0: nothing is found; 3: something is; all else: the text cannot be read.
    if matches!(output.status.code(), Some(0 | 3)) { Ok(said) } else { Err(format!("{}: {said}", output.status)) }
}

/// Runs a program to its end on this input.
fn fed(command: &mut Command, input: &[u8]) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = command.spawn().expect("the program starts");
    program.stdin.take().expect("it is piped").write_all(input).expect("the program reads all");
    program.wait_with_output().expect("the program ends")
}

/// The samples of an OpenMetrics exposition that have an exemplar.
///
/// # Panics
///
/// Where the parser refuses the exposition.
pub fn exemplars(exposition: &str) -> Vec<Exemplified> {
    let answer = &parsed(&[("openmetrics", exposition)])[0];
    assert!(answer["error"].is_null(), "{}\n{exposition}", answer["error"]);
    let families = answer["families"].as_array().expect("a list").iter();
    let samples = families.flat_map(|family| family["samples"].as_array().expect("a list"));
    samples.filter(|sample| !sample[3].is_null()).map(exemplified).collect()
}

fn exemplified(sample: &Value) -> Exemplified {
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let number = |value: &Value| text(value).parse().expect("a number");
    let map = |value: &Value| {
        let map = value.as_object().expect("a map").iter();
        map.map(|(name, value)| (name.clone(), text(value))).collect()
    };
    Exemplified {
        name: text(&sample[0]),
        labels: map(&sample[1]),
        exemplar: map(&sample[3]["labels"]),
        value: number(&sample[3]["value"]),
        time: number(&sample[3]["time"]),
    }
}
