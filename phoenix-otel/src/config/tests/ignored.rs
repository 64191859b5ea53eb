//! Each supported variable with a valid, an invalid and an empty value. An invalid one is ignored with a warning that names the value that is used
//! instead. It is an error if the service is strict.

use std::collections::BTreeSet;

use super::cases::{Case, OTLP, UNEXPORTED, cases};
use super::*;
use crate::init::resolved::Resolved;

/// A fixed instance ID for all cases.
const POD: (&str, &str) = ("POD_NAME", "pod");

/// The result of a case with one value.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// The resolved configuration, printed.
    resolved: String,
    /// The effective configuration.
    effective: EffectiveConfig,
    problems: Problems,
}

fn outcome(case: &Case, values: impl IntoIterator<Item = (&'static str, OsString)>) -> Outcome {
    let beside = case.beside.iter().chain([&POD]).map(|(name, value)| (*name, OsString::from(value)));
    let vars: HashMap<String, OsString> = beside.chain(values).map(|(name, value)| (name.to_owned(), value)).collect();
    let (whole, _) = resolved(&Environment::from_map(vars.clone()), "orchestrator", &Overrides::default());
    let of_init = Resolved::new(crate::builder("orchestrator").environment(vars));
    // An environment does not print its values.
    Outcome { resolved: format!("{whole:#?}"), effective: of_init.effective, problems: of_init.wrong.settings }
}

fn with_value(case: &Case, value: impl Into<OsString>) -> Outcome {
    outcome(case, [(case.name, value.into())])
}

/// A variable that no case has.
const ELSEWHERE: &str = "OTEL_CONFIG_FILE";
/// Variables of which each text is valid, or is a file that the exporter reads when it is created
/// (`otlp::metrics::tls::invalid_certificate_files_are_reported`, `exposition::access::problems`).
const ALWAYS_VALID: [&str; 3] = ["OTEL_SERVICE_NAME", "_CERTIFICATE", "PHOENIX_OTEL_WEB_CONFIG_FILE"];
/// Variables that the effective configuration does not show.
const NOT_SHOWN: [&str; 2] = ["RUST_LOG", "PHOENIX_OTEL_WEB_CONFIG_FILE"];

#[test]
#[cfg(all(feature = "page", feature = "process", feature = "web-config"))]
fn each_honoured_variable_has_a_case() {
    let cases = cases();
    let of = |wanted: &dyn Fn(&Case) -> bool| -> BTreeSet<&str> {
        cases.iter().filter(|case| wanted(case)).map(|case| case.name).chain([ELSEWHERE]).collect()
    };
    let honoured: BTreeSet<&str> = known::honoured().collect();
    let valid = of(&|case| !case.right.is_empty() && (!case.shown.0.is_empty() || NOT_SHOWN.contains(&case.name)));
    assert_eq!(valid, honoured, "a valid value, and where it is shown");
    let invalid = of(&|case| !case.wrong.is_empty() || ALWAYS_VALID.iter().any(|end| case.name.ends_with(end)));
    assert_eq!(invalid, honoured, "an invalid value");
}

#[test]
fn right_and_empty_values() {
    for case in cases() {
        assert!(known::honoured().any(|name| name == case.name), "{}", case.name);
        let unset = outcome(&case, []);
        assert!(unset.problems.is_empty(), "{}:\n{}", case.name, unset.problems);
        for empty in ["", "  "] {
            assert_eq!(with_value(&case, empty), unset, "{} is empty", case.name);
        }
        if case.right.is_empty() {
            continue;
        }
        let shown = format!("{}={}", case.name, case.right);
        let values = case.needs.into_iter().chain([(case.name, case.right)]);
        let right = outcome(&case, values.map(|(name, value)| (name, value.into())));
        assert!(right.problems.is_empty(), "{shown}:\n{}", right.problems);
        assert_ne!(right.resolved, unset.resolved, "{shown}");
        let (key, value) = case.shown;
        let is_shown = |effective: &EffectiveConfig| {
            let is_origin = |origin: &Origin| !case.is_origin || *origin == Origin::Variable(case.name.to_owned());
            effective
                .values()
                .any(|one| without_numbers(one.path()) == key && one.value() == value && is_origin(one.origin()))
        };
        if !key.is_empty() {
            assert!(is_shown(&right.effective), "{shown} is not at {key}:\n{}", right.effective);
            assert!(!is_shown(&unset.effective), "{key} without {}:\n{}", case.name, unset.effective);
        }
    }
}

/// A path without the numbers of list items.
pub(super) fn without_numbers(path: &str) -> String {
    let mut parts = path.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| path + "[]" + part.split_once(']').map_or("", |(_, rest)| rest))
}

#[test]
fn wrong_values_are_ignored() {
    for case in cases().iter().filter(|case| !case.wrong.is_empty()) {
        let shown = format!("{}={}", case.name, case.wrong);
        let unset = outcome(case, []);
        let Outcome { resolved, effective, problems } = with_value(case, case.wrong);
        let problems = problems.ignored(false).unwrap_or_else(|problems| panic!("{shown} is an error:\n{problems}"));
        let first = problems.iter().next().unwrap_or_else(|| panic!("{shown} is no problem"));
        for problem in problems.iter() {
            assert_eq!((problem.name(), problem.fallback()), (case.name, Some(case.instead)), "{shown}");
            assert!(!problem.allowed().is_empty(), "{shown}");
            match problem.value() {
                Some(read) => assert!(!read.is_empty() && case.wrong.contains(read), "{shown}: {read}"),
                None => assert!(case.name.ends_with("_HEADERS"), "{shown}"),
            }
        }
        let nearest = problems.iter().find_map(Problem::suggestion);
        assert_eq!(nearest, Some(case.nearest).filter(|nearest| !nearest.is_empty()), "{shown}: {first}");
        assert!(first.to_string().ends_with(&format!("; used instead: {}", case.instead)), "{first}");
        let strict = problems.clone().ignored(true).expect_err("it is an error where the service is strict");
        let errors: Vec<_> = strict.iter().map(|problem| (problem.name(), problem.fallback())).collect();
        assert!(errors.iter().all(|error| *error == (case.name, None)), "{errors:?}");
        // The valid items of a list are used.
        let has_part = case.wrong.contains(',') && !case.name.ends_with("_ATTRIBUTES");
        if case.instead == UNEXPORTED {
            assert!(resolved.contains("Unavailable(") || resolved.contains("Nowhere("), "{shown}: {resolved}");
        } else if !has_part {
            assert_eq!(resolved, unset.resolved, "{shown}");
            assert!(effective == unset.effective, "{shown}:\n{effective}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_ignored() {
    use std::os::unix::ffi::OsStringExt as _;
    for case in cases() {
        let problems = with_value(&case, OsString::from_vec(b"\xff".to_vec())).problems;
        let problems = problems.ignored(false).unwrap_or_else(|problems| panic!("{}:\n{problems}", case.name));
        for problem in problems.iter() {
            assert_eq!(problem.name(), case.name);
            assert!(problem.allowed().contains("UTF-8") && problem.fallback().is_some(), "{problem}");
        }
        assert_eq!(problems.iter().count(), 1, "{}:\n{problems}", case.name);
    }
}

#[test]
fn a_specific_variable_that_is_ignored_leaves_the_general_one() {
    let of = |name: &'static str, vars: &[(&str, &str)]| {
        let environment = environment(vars);
        let mut env = Env::new(&environment);
        let otlp = Otlp::resolve(&mut env, "otlp", &options::Otlp::new(), ALL, Signal::Metrics);
        let problems = env.finish();
        let instead = problems.iter().find(|problem| problem.name() == name).and_then(Problem::fallback);
        (otlp, instead.map(str::to_owned))
    };
    let specific = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL";
    let (otlp, instead) = of(specific, &[(specific, "http/json"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
    assert_eq!((otlp.unwrap().protocol, instead.as_deref()), (Protocol::Grpc, Some("grpc")));
    let specific = "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION";
    let (otlp, instead) = of(specific, &[(specific, "zstd"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")]);
    assert_eq!((otlp.unwrap().compression, instead.as_deref()), (Compression::Gzip, Some("gzip")));
    // There is no fallback to another receiver or to its credentials.
    let specific = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    let (otlp, instead) = of(specific, &[(specific, "ftp://c"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://other")]);
    assert!(otlp.unwrap_err().contains("ftp://c"));
    assert_eq!(instead.as_deref(), Some(UNEXPORTED));
    let specific = "OTEL_EXPORTER_OTLP_METRICS_HEADERS";
    let (otlp, _) = of(specific, &[(specific, "broken"), ("OTEL_EXPORTER_OTLP_HEADERS", "key=of-another")]);
    assert!(otlp.unwrap().headers.0.is_empty());
}

#[test]
fn what_code_sets_wrongly_is_an_error_always() {
    let given = Overrides {
        namespace: Some("Acme".into()),
        push: PushOverrides { interval: Some(std::time::Duration::ZERO), timeout: None },
        ..Overrides::default()
    };
    let (_, problems) = resolved(&environment(&[("OTEL_EXPORTER_PROMETHEUS_PORT", "x")]), "", &given);
    // The report also contains invalid variables. `init` fails, so nothing is used instead.
    let refused = problems.ignored(false).expect_err("code is wrong");
    let names: Vec<_> = refused.iter().map(|problem| (problem.name(), problem.fallback())).collect();
    let expected = ["builder: name", "builder: namespace", "builder: interval", "OTEL_EXPORTER_PROMETHEUS_PORT"];
    assert_eq!(names, expected.map(|name| (name, None)));
}

#[test]
fn strict_by_code_or_by_the_variable() {
    const STRICT: &str = "PHOENIX_OTEL_STRICT";
    let by = |value: &str, strict| {
        let given = Overrides { strict, ..Overrides::default() };
        resolved(&environment(&[(STRICT, value)]), "x", &given).0.config.strict
    };
    assert_eq!([by("", false), by("True", false), by("false", false), by("yes", false)], [false, true, false, false]);
    assert_eq!([by("", true), by("false", true)], [true, true], "code beats the variable");
}

#[test]
fn one_variable_for_two_exporters_is_one_problem() {
    let vars = [OTLP, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")]].concat();
    let (_, problems) = resolved(&environment(&vars), "x", &Overrides::default());
    assert_eq!(problems.iter().count(), 1, "{problems}");
    // The value that is used instead is named for each exporter.
    let environment = environment(&vars);
    let mut env = Env::new(&environment);
    for given in [options::Otlp::new(), options::Otlp::new().timeout(std::time::Duration::from_secs(1))] {
        Otlp::resolve(&mut env, "otlp", &given, ALL, Signal::Metrics).unwrap();
    }
    let problems = env.finish();
    let instead: Vec<_> = problems.iter().map(Problem::fallback).collect();
    assert_eq!(instead, [Some("10000 and 1000")]);
}
