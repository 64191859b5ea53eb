//! Exemplars, as a parser of OpenMetrics that is not ours reads them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::tools::python;

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

/// The samples of an OpenMetrics exposition that have an exemplar.
///
/// # Panics
///
/// Where the parser refuses the exposition.
pub fn exemplars(exposition: &str) -> Vec<Exemplified> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/parse.py");
    let mut interpreter = Command::new(python())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let input = serde_json::to_vec(&[("openmetrics", exposition)]).expect("text is JSON");
    interpreter.stdin.take().expect("it is piped").write_all(&input).expect("the script reads all");
    let output = interpreter.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "parse.py failed");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("the script answers in JSON");
    assert!(answer[0]["error"].is_null(), "{}\n{exposition}", answer[0]["error"]);
    let families = answer[0]["families"].as_array().expect("a list").iter();
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
