//! The reader against that of OpenTelemetry for JavaScript: both accept and reject the same files, and read the same values.

mod files;

use std::collections::HashSet;
use std::io::Write as _;
use std::process::Stdio;

use phoenix_otel_tests::isolated;
use phoenix_otel_tests::tools::{node, repository_file};
use serde_json::{Value, json};

use super::generated::{Site, sites};
use super::json_schema::NEWER;
use super::schema::Kind;
use super::{in_force, named, service};
use files::Verdicts::{Accept, OnlyOursAccepts, OnlyOursRefuses, Refuse};
use files::{FILES, VARIABLES};

/// The result of the other reader: the model, or the error.
type Verdict = Result<Value, String>;

/// Lets the other reader read files, each with variables.
pub(super) fn foreign(files: &[(String, Vec<(&str, &str)>)]) -> Vec<Verdict> {
    let files: Vec<Value> = files
        .iter()
        .map(|(text, variables)| {
            let variables: serde_json::Map<_, _> =
                variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            json!({"text": text, "variables": variables})
        })
        .collect();
    let mut command = node("configuration.cjs");
    let command = command.arg("read").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut reader = command.spawn().expect("Node.js runs");
    let mut input = reader.stdin.take().expect("it is piped");
    let text = Value::from(files).to_string();
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = reader.wait_with_output().expect("it ends");
    writing.join().expect("no panic").expect("it reads its input");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let answer = |mut answer: Value| match answer.get_mut("model") {
        Some(model) => Ok(model.take()),
        None => Err(answer["error"].as_str().expect("an error").to_owned()),
    };
    answers.into_iter().map(answer).collect()
}

/// Our verdict: the problems if the file is rejected.
fn ours(text: &str, variables: &[(&str, &str)]) -> Result<(), String> {
    service(text, variables).scope().map(drop).map_err(|error| error.to_string())
}

/// Whether a difference explains the verdicts about a key with this change.
type Applies = fn(&Site, &str) -> bool;

/// What only one of the readers accepts, and why. `docs/configuration.md` lists the reasons.
const DIFFERENCES: [(&str, Applies); 5] = [
    ("keys of version 1.2 of the schema", |site, _| {
        NEWER.iter().any(|key| site.path.split('.').any(|part| part == *key))
    }),
    ("null for a key whose value must be one of several words", |site, what| {
        what == VALID && matches!(site.key.kind, Kind::Words(_))
    }),
    ("an empty `distribution`", |site, what| site.path == "distribution" && what == VALID),
    ("a view that renames several metrics", |site, what| site.path.ends_with("stream.name") && what == VALID),
    ("an interval of 0", |site, what| site.path.ends_with("schedule_delay") && what == VALID),
];

const VALID: &str = "a valid value";

#[test]
fn both_readers_accept_and_refuse_the_same_generated_files() {
    let sites = sites();
    let mut cases = Vec::new();
    for site in &sites {
        cases.extend(site.valid.iter().map(|file| (site, VALID, file.to_string())));
        cases.extend(site.invalid.iter().map(|(what, file)| (site, what.as_str(), file.to_string())));
    }
    let files: Vec<_> = cases.iter().map(|(_, _, text)| (text.clone(), vec![])).collect();
    let (mut accepted, mut refused) = (0, 0);
    let (mut known, mut unknown) = (HashSet::new(), Vec::new());
    for ((site, what, text), theirs) in cases.iter().zip(foreign(&files)) {
        let difference = match (ours(text, &[]), theirs) {
            (Ok(()), Ok(_)) => {
                accepted += 1;
                continue;
            }
            (Err(_), Err(_)) => {
                refused += 1;
                continue;
            }
            (Ok(()), Err(theirs)) => format!("{}: {what}: only ours accepts {text}: {theirs}", site.path),
            (Err(ours), Ok(_)) => format!("{}: {what}: only ours refuses {text}: {ours}", site.path),
        };
        match DIFFERENCES.iter().find(|(_, is_it)| is_it(site, what)) {
            Some((reason, _)) => _ = known.insert(*reason),
            None => unknown.push(difference),
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
    assert_eq!(known.len(), DIFFERENCES.len(), "each difference is one: {known:?}");
    assert!(accepted > 500 && refused > 1000, "accepted {accepted}, refused {refused}");
}

/// Keys whose value is at another path of the effective configuration.
const ELSEWHERE: [(&str, &str); 14] = [
    ("log_level", "a level with a number is the level without it"),
    ("file_format", "it is the version that this crate writes"),
    ("attribute_limits", "they are the limits of the tracer provider"),
    ("headers_list", "they are headers"),
    ("attributes_list", "they are attributes"),
    ("composite_list", "they are propagators"),
    ("insecure", "the scheme of the endpoint says it"),
    ("encoding", "there is one"),
    ("detection/development.attributes", "they select what detectors find"),
    ("temporality_preference", "the console has one"),
    ("default_histogram_aggregation", "the default is not written out"),
    ("target_info_enabled/development", "there is one"),
    ("record_min_max", "there is one"),
    (".type", "a string needs no type"),
];

#[test]
fn both_readers_read_the_same_values() {
    isolated!();
    let sites = sites();
    let cases: Vec<_> = sites.iter().flat_map(|site| site.valid.iter().map(move |file| (site, file))).collect();
    let files: Vec<_> = cases.iter().map(|(_, file)| (file.to_string(), vec![])).collect();
    let (mut compared, mut wrong) = (0, Vec::new());
    for ((site, file), model) in cases.iter().zip(foreign(&files)) {
        let Ok(model) = model else { continue };
        let Some(named) = named(file) else { continue };
        let Some(ours) = in_force(file) else { continue };
        for (path, theirs) in leaves("", &model) {
            // A simple processor is a batch of one span.
            let path = path.replace(".simple.", ".batch.");
            // The test sets it.
            if path == "disabled" {
                continue;
            }
            let is_named =
                named.iter().any(|named| path.starts_with(named.as_str()) || named.starts_with(path.as_str()));
            if theirs.is_null() || is_named || site.key.name == "cert_file" || site.key.name == "key_file" {
                continue;
            }
            let found = ours.iter().find(|(ours, _)| *ours == path).map(|(_, value)| value.as_str());
            if found.is_none() && ELSEWHERE.iter().any(|(elsewhere, _)| path.contains(elsewhere)) {
                continue;
            }
            compared += 1;
            let is_same = match (found, &theirs) {
                (Some("\"***\""), _) => true,
                // No limit.
                (Some("4294967295"), theirs) => *theirs == 0,
                (None, Value::Object(map)) if map.is_empty() => true,
                // It is the sampler `always_on` or `always_off`.
                (None, ratio) if path.ends_with("trace_id_ratio_based.ratio") => *ratio == 0 || *ratio == 1,
                // An attribute or a header without a value is none.
                _ if path.ends_with("[0].name") && theirs_are_unset(&model, &path) => true,
                (Some(level), Value::String(word)) if path == "log_level" => word.starts_with(level),
                (Some(value), theirs) => same(value, theirs),
                (None, Value::Object(_)) => ours.iter().any(|(ours, _)| ours.starts_with(&path)),
                (None, _) => false,
            };
            if !is_same {
                wrong.push(format!("{}: {path}: {theirs}, ours: {found:?} in {file}", site.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 300, "{compared} values");
}

/// Whether the value beside a name is null.
fn theirs_are_unset(model: &Value, name: &str) -> bool {
    let path = name.replace("name", "value").replace('/', "~1").replace(['.', '['], "/").replace(']', "");
    let simple = path.replace("/batch/", "/simple/");
    [path, simple].iter().any(|path| model.pointer(&format!("/{path}")).is_some_and(Value::is_null))
}

/// A value of the effective configuration, as YAML.
fn same(ours: &str, theirs: &Value) -> bool {
    let ours: Value =
        serde_yaml_ng::from_str(&ours.replace("$$", "$").replace(":4317/", ":4317").replace(":4318/\"", ":4318\""))
            .expect("YAML");
    let numbers = |value: &Value| match value {
        Value::Array(items) => items.iter().map(Value::as_f64).collect::<Option<Vec<_>>>(),
        value => value.as_f64().map(|number| vec![number]),
    };
    ours == *theirs
        || numbers(&ours).is_some_and(|ours| Some(ours) == numbers(theirs))
        || (ours.is_null() && theirs.as_object().is_some_and(serde_json::Map::is_empty))
}

/// The scalars, the lists of scalars and the empty mappings of a model.
fn leaves(path: &str, model: &Value) -> Vec<(String, Value)> {
    match model {
        Value::Object(map) if !map.is_empty() => {
            let join = |key: &str| match (path, key.contains('.')) {
                ("", _) => key.to_owned(),
                (path, true) => format!("{path}.\"{key}\""),
                (path, false) => format!("{path}.{key}"),
            };
            map.iter().flat_map(|(key, value)| leaves(&join(key), value)).collect()
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().enumerate().flat_map(|(index, item)| leaves(&format!("{path}[{index}]"), item)).collect()
        }
        leaf => vec![(path.to_owned(), leaf.clone())],
    }
}

/// With `init`, which creates the exporters.
#[test]
fn both_readers_judge_the_same_about_other_files() {
    isolated!();
    let files: Vec<_> = FILES.iter().map(|(text, _)| ((*text).to_owned(), VARIABLES.to_vec())).collect();
    let mut wrong = Vec::new();
    for ((text, expected), theirs) in FILES.iter().zip(foreign(&files)) {
        let ours = service(text, &VARIABLES).init();
        let is_as_expected = match expected {
            Accept => ours.is_ok() && theirs.is_ok(),
            Refuse => ours.is_err() && theirs.is_err(),
            OnlyOursRefuses(_) => ours.is_err() && theirs.is_ok(),
            OnlyOursAccepts(_) => ours.is_ok() && theirs.is_err(),
        };
        if !is_as_expected {
            wrong.push(format!(
                "{text}\n  expected {expected:?}\n  ours {:?}\n  theirs {theirs:?}",
                ours.err().map(|e| e.to_string())
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_documentation_lists_all_differences() {
    let page = repository_file("docs/configuration.md");
    let differences = FILES.iter().filter_map(|(_, verdicts)| match verdicts {
        OnlyOursRefuses(reason) | OnlyOursAccepts(reason) => Some(*reason),
        Accept | Refuse => None,
    });
    for reason in DIFFERENCES.iter().map(|(reason, _)| *reason).chain(differences) {
        assert!(page.contains(reason), "docs/configuration.md does not list the difference: {reason}");
    }
}
