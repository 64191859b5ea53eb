//! Tables of what the environment and the builder give, and what comes of it.

mod basics;
mod endpoints;
mod exporters;
mod names;
mod otlp;
mod properties;
mod resource;
#[cfg(feature = "tracing")]
mod traces;

use super::features::Features;
use super::*;
use std::ffi::OsString;

const ALL: Features = Features { prometheus: true, otlp_http: true, otlp_grpc: true };

/// Resolves with variables from a table, and nothing else.
fn with(vars: &[(&str, &str)], given: &Overrides, features: Features) -> Result<Config, Problems> {
    let lookup = |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
    Config::resolve_with("orchestrator", Some("1.2.3"), given, &lookup, features)
}

fn resolve(vars: &[(&str, &str)]) -> Config {
    with(vars, &Overrides::default(), ALL).unwrap_or_else(|problems| panic!("{vars:?}:\n{problems}"))
}

/// The problems of a table, each as (name, whole text).
fn problems(vars: &[(&str, &str)]) -> Vec<(String, String)> {
    told(with(vars, &Overrides::default(), ALL))
}

fn told(result: Result<Config, Problems>) -> Vec<(String, String)> {
    let problems = result.expect_err("this configuration must be refused");
    problems.iter().map(|problem| (problem.name().to_owned(), problem.to_string())).collect()
}

/// Asserts one problem, with this variable's name and each of these texts in it.
fn one_problem(vars: &[(&str, &str)], name: &str, texts: &[&str]) {
    let found = problems(vars);
    assert_eq!(found.len(), 1, "{vars:?}: {found:#?}");
    assert_eq!(found[0].0, name, "{vars:?}");
    for text in texts {
        assert!(found[0].1.contains(text), "{vars:?}: no {text:?} in {:?}", found[0].1);
    }
}
