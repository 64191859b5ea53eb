//! Reads environment variables through a function, so that a test needs no process environment.
//!
//! The rules are those of the OpenTelemetry specification ("Environment Variable Specification"): an empty value
//! is an unset one, and enumerations ignore case. Where the specification would have a bad value ignored with a warning,
//! it is a [`Problem`] here, since a service that exports nothing because of a typing error is found too late.

use super::problem::{Problem, Problems};
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Gives a variable's value, or nothing where it is not set.
type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// Where variables come from: by default the environment of the process.
#[derive(Clone)]
pub(crate) struct Environment(Arc<Lookup>);

impl Environment {
    /// Variables as a function gives them, by name.
    pub(crate) fn new(variable: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Self {
        Self(Arc::new(variable))
    }

    /// A variable's value, or nothing where it is not set.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        (self.0)(name)
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::new(|name| std::env::var_os(name))
    }
}

impl fmt::Debug for Environment {
    /// Without the values, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// The longest duration that a variable may give, about 49 days; more would overflow a clock.
const MAX_MILLIS: u64 = u32::MAX as u64;

/// Reads variables, and gathers what is wrong with them.
pub(crate) struct Env<'a> {
    environment: &'a Environment,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Env<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        Self { environment, problems: Vec::new() }
    }

    /// Whether anything that was read cannot be used; each problem once, since what holds for two exporters is read for both.
    pub(crate) fn finish(self) -> Result<(), Problems> {
        let mut distinct = Vec::new();
        for problem in self.problems {
            if !distinct.contains(&problem) {
                distinct.push(problem);
            }
        }
        if distinct.is_empty() { Ok(()) } else { Err(distinct.into()) }
    }

    /// Adds problems that were found elsewhere.
    pub(crate) fn report(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
    }

    pub(crate) fn problem(&mut self, name: &str, read: &str, allowed: impl Into<String>) {
        self.problems.push(Problem::new(name, read, allowed));
    }

    /// A variable's text without the space around it; nothing where that is empty.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.read(name, false)
    }

    /// As `text`, for a variable whose value is not to be repeated.
    pub(crate) fn secret(&mut self, name: &str) -> Option<String> {
        self.read(name, true)
    }

    fn read(&mut self, name: &str, secret: bool) -> Option<String> {
        let value = match self.environment.get(name)?.into_string() {
            Ok(value) => value,
            Err(raw) => {
                self.problems.push(match secret {
                    true => Problem::secret(name, "text in UTF-8"),
                    false => Problem::new(name, raw.to_string_lossy(), "text in UTF-8"),
                });
                return None;
            }
        };
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The first of several variables that is set, with its name: the specific form is named before the general one.
    pub(crate) fn first(&mut self, names: &[&'static str]) -> Option<(&'static str, String)> {
        names.iter().find_map(|name| Some((*name, self.text(name)?)))
    }

    /// The first variable that is set, as one of the named choices.
    pub(crate) fn choice<T: Copy>(&mut self, names: &[&'static str], choices: &[(&str, T)]) -> Option<T> {
        let (name, value) = self.first(names)?;
        let found = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(&value));
        if found.is_none() {
            self.problem(name, &value, words(choices));
        }
        found.map(|(_, choice)| *choice)
    }

    /// The first variable that is set, as a boolean.
    pub(crate) fn flag(&mut self, names: &[&'static str]) -> Option<bool> {
        self.choice(names, &[("true", true), ("false", false)])
    }

    /// The first good one of several durations in milliseconds. Every variable named is checked, used or not.
    pub(crate) fn millis(&mut self, names: &[&'static str]) -> Option<Duration> {
        let mut found = None;
        for name in names {
            let Some(value) = self.text(name) else {
                continue;
            };
            match value.parse() {
                Ok(millis @ 1..=MAX_MILLIS) => found = found.or(Some(Duration::from_millis(millis))),
                _ => self.problem(name, &value, format!("a whole number of milliseconds from 1 to {MAX_MILLIS}")),
            }
        }
        found
    }

    /// A port.
    pub(crate) fn port(&mut self, name: &str) -> Option<u16> {
        let value = self.text(name)?;
        let port = value.parse().ok();
        if port.is_none() {
            self.problem(name, &value, "a port number from 0 to 65535, where 0 takes a free one");
        }
        port
    }

    /// A duration that the builder was given, under the same limits as those from variables.
    pub(crate) fn given(&mut self, field: &str, duration: Option<Duration>) -> Option<Duration> {
        let duration = duration?;
        let fits = !duration.is_zero() && duration <= Duration::from_millis(MAX_MILLIS);
        if !fits {
            self.problem(field, &format!("{duration:?}"), format!("more than 0 and at most {MAX_MILLIS} ms"));
        }
        fits.then_some(duration)
    }
}

/// The words of several choices, as a list to read.
pub(crate) fn words<T>(choices: &[(&str, T)]) -> String {
    choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}
