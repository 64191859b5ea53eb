//! The choice of exporters.

mod choice;
#[cfg(feature = "config-file")]
mod replace;

use super::*;
use crate::config::{Env, Environment, Problems, Push};
use std::time::Duration;

/// The names of the chosen exporters, if only this variable is set.
fn chosen(variable: Option<&str>, given: Given) -> Result<Vec<String>, Problems> {
    of(Registry::default(), variable, given)
}

fn of(registry: Registry, variable: Option<&str>, given: Given) -> Result<Vec<String>, Problems> {
    let variables = variable.map(|value| ("OTEL_METRICS_EXPORTER".to_owned(), value.into()));
    let environment = Environment::from_map(variables.into_iter().collect());
    let mut env = Env::new(&environment);
    let common = Common {
        environment: environment.clone(),
        resource: opentelemetry_sdk::Resource::builder_empty().build(),
        push: Push { interval: Duration::from_secs(60), timeout: Duration::from_secs(30) },
    };
    let chosen = registry.resolve(&mut env, given, &common);
    env.finish().ignored(true).map(|_| chosen.iter().map(|one| one.name().to_owned()).collect())
}

/// The problems, each as (name, whole text).
fn told(chosen: Result<Vec<String>, Problems>) -> Vec<(String, String)> {
    let problems = chosen.expect_err("this choice must be rejected");
    problems.iter().map(|problem| (problem.name().to_owned(), problem.to_string())).collect()
}
