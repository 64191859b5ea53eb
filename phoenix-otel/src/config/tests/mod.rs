//! Table tests of the configuration.

mod basics;
mod cases;
mod endpoints;
mod ignored;
mod names;
mod otlp;
mod properties;
mod resource;
mod table;
mod traces;

use super::features::Features;
use super::*;
use crate::export::plugin::{self, Chosen, Common, Registry};
use std::collections::HashMap;
use std::ffi::OsString;

const ALL: Features = Features { otlp_http: true, otlp_grpc: true, tls: true };

/// Everything that `init` resolves.
#[derive(Debug)]
struct Whole {
    config: Config,
    #[expect(dead_code, reason = "seen where it is printed")]
    exporters: Vec<Chosen>,
    traces: Traces,
}

pub(super) fn environment(vars: &[(&str, &str)]) -> Environment {
    Environment::from_map(vars.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect())
}

/// Resolves with exactly these variables. Any problem is an error, as in a strict service.
fn whole(environment: &Environment, name: &str, overrides: &Overrides) -> Result<Whole, Problems> {
    let (whole, problems) = resolved(environment, name, overrides);
    problems.ignored(true).map(|_| whole)
}

/// The resolved configuration and the problems.
fn resolved(environment: &Environment, name: &str, overrides: &Overrides) -> (Whole, Problems) {
    let mut env = Env::new(environment);
    let config = Config::resolve(&mut env, name, Some("1.2.3"), overrides);
    let resource = crate::pipeline::resource(&config.resource);
    let common = Common { environment: environment.clone(), resource, push: config.push };
    let exporters = Registry::default().resolve(&mut env, plugin::Given::default(), &common);
    let receiver = exporters.iter().any(|exporter| exporter.resolved().takes_spans());
    let traces = Traces::resolve(&mut env, overrides, ALL, receiver);
    env.check_names();
    (Whole { config, exporters, traces }, env.finish())
}

fn with(vars: &[(&str, &str)], overrides: &Overrides) -> Result<Config, Problems> {
    whole(&environment(vars), "orchestrator", overrides).map(|whole| whole.config)
}

fn resolve(vars: &[(&str, &str)]) -> Config {
    with(vars, &Overrides::default()).unwrap_or_else(|problems| panic!("{vars:?}:\n{problems}"))
}

/// The resolved settings of one exporter.
fn one_of<T>(vars: &[(&str, &str)], resolve: impl FnOnce(&mut Env<'_>) -> T) -> Result<T, Problems> {
    let environment = environment(vars);
    let mut env = Env::new(&environment);
    let resolved = resolve(&mut env);
    env.finish().ignored(true).map(|_| resolved)
}

/// The problems of a table, each as (name, whole text).
fn problems(vars: &[(&str, &str)]) -> Vec<(String, String)> {
    told(with(vars, &Overrides::default()))
}

pub(super) fn told<T: std::fmt::Debug>(result: Result<T, Problems>) -> Vec<(String, String)> {
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
