//! Reads environment variables through a function, so that a test needs no process environment.
//!
//! The rules are those of the OpenTelemetry specification ("Environment Variable Specification"): an empty value is an unset one,
//! enumerations ignore case, and a bad value is ignored with a warning: it is a [`Problem`], which names what holds in its place.

use super::known;
use super::problem::{Problem, Problems};
use super::setting::Setting;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Gives a variable's value, or nothing where it is not set.
type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;
/// Gives the names of all variables that are set.
type Names = dyn Fn() -> Vec<String> + Send + Sync;

/// Where variables come from: by default the environment of the process.
#[derive(Clone)]
pub(crate) struct Environment {
    variable: Arc<Lookup>,
    names: Arc<Names>,
    #[cfg(feature = "testing")]
    is_of_process: bool,
}

impl Environment {
    /// Variables as functions give them: one by its name, and the names of all.
    pub(crate) fn new(
        variable: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
        names: impl Fn() -> Vec<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            variable: Arc::new(variable),
            names: Arc::new(names),
            #[cfg(feature = "testing")]
            is_of_process: false,
        }
    }

    /// These variables and no others.
    pub(crate) fn of(variables: HashMap<String, OsString>) -> Self {
        let names: Vec<String> = variables.keys().cloned().collect();
        Self::new(move |name| variables.get(name).cloned(), move || names.clone())
    }

    /// The variables that code gives; none where they would be those of the process.
    #[cfg(feature = "testing")]
    pub(crate) fn given(self) -> Self {
        if self.is_of_process { Self::of(HashMap::new()) } else { self }
    }

    /// A variable's value, or nothing where it is not set.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        (self.variable)(name)
    }
}

impl Default for Environment {
    fn default() -> Self {
        // A name that is not UTF-8 is not a misspelt one.
        let names = || std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
        let environment = Self::new(|name| std::env::var_os(name), names);
        #[cfg(feature = "testing")]
        let environment = Self { is_of_process: true, ..environment };
        environment
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

/// What is used in place of a setting that only exporters have which are not chosen.
const UNUSED: &str = "nothing, as no exporter that reads it is chosen";

/// Reads variables, and gathers what is wrong with them.
pub(crate) struct Env<'a> {
    environment: &'a Environment,
    pub(super) problems: Vec<Problem>,
    /// Variables in place of which code gives something.
    overridden: Vec<&'static str>,
    /// Variables of extensions.
    of_extensions: Vec<String>,
}

impl<'a> Env<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        Self { environment, problems: Vec::new(), overridden: Vec::new(), of_extensions: Vec::new() }
    }

    /// What is wrong with all that was read, each problem once: what holds for two exporters is read for both.
    pub(crate) fn finish(self) -> Problems {
        self.problems.into()
    }

    /// Notes that code gives what this variable would.
    pub(crate) fn overridden(&mut self, name: &'static str) {
        self.overridden.push(name);
    }

    /// Reports variables whose names are misspelt, but for those that would change nothing if they were not. It is called last, when all that
    /// extensions read is known.
    pub(crate) fn check_names(&mut self) {
        let names = (self.environment.names)();
        for unknown in known::unknown(&names, &self.of_extensions) {
            if unknown.meant.is_none_or(|meant| !self.overridden.contains(&meant)) {
                self.problems.push(Problem::unknown_name(unknown.name, unknown.meant));
            }
        }
    }

    /// Adds problems that were found elsewhere.
    pub(crate) fn report(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
    }

    pub(crate) fn problem(&mut self, setting: &Setting, read: &str, allowed: impl Into<String>) {
        self.problems.push(Problem::new(setting, read, allowed));
    }

    /// A problem with a word that is none of these.
    pub(crate) fn unknown<'w>(
        &mut self,
        setting: &Setting,
        read: &str,
        words: impl IntoIterator<Item = &'w str>,
        allowed: impl Into<String>,
    ) {
        let mut problem = Problem::new(setting, read, allowed);
        problem.meant(words);
        self.problems.push(problem);
    }

    /// Reads a setting to its end. Of a variable that is ignored meanwhile, the problem names what holds in its place: this value, as `shown`
    /// shows it.
    pub(crate) fn settled<T>(&mut self, shown: impl Fn(&T) -> String, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.problems.len();
        let value = read(self);
        self.problems[before..].iter_mut().for_each(|problem| problem.replaced(|| shown(&value)));
        value
    }

    /// Reads settings that nothing uses, to check them. Of a variable that is wrong among them, nothing is used.
    pub(crate) fn unused(&mut self, read: impl FnOnce(&mut Self)) {
        let before = self.problems.len();
        read(self);
        let unused = Problems::from(self.problems.split_off(before)).without_instead();
        self.problems.extend(unused.into_vec());
        self.problems[before..].iter_mut().for_each(|problem| problem.replaced(|| UNUSED.to_owned()));
    }

    /// A variable's text without the space around it; nothing where that is empty.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.read(&Setting::variable(name))
    }

    /// As `text`, for a variable of an extension.
    pub(crate) fn text_of(&mut self, name: &str) -> Option<String> {
        self.of_extensions.push(name.to_owned());
        self.read(&Setting::Variable(name.to_owned().into()))
    }

    fn read(&mut self, setting: &Setting) -> Option<String> {
        let Ok(value) = self.environment.get(setting.name())?.into_string() else {
            // The value may be a secret, and is not readable anyway.
            self.problems.push(Problem::secret(setting, "text in UTF-8"));
            return None;
        };
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The first of several variables that is set, whatever its value.
    pub(crate) fn set(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.environment.get(name).is_some_and(|value| !is_blank(&value)))
    }

    /// The first of several variables that is set, with its name: the specific form is named before the general one.
    pub(crate) fn first(&mut self, names: &[&'static str]) -> Option<(&'static str, String)> {
        names.iter().find_map(|name| Some((*name, self.text(name)?)))
    }

    /// The first variable that is set to one of the named choices. One that is set to something else counts as unset.
    pub(crate) fn choice<T: Copy>(&mut self, names: &[&'static str], choices: &[(&str, T)]) -> Option<T> {
        names.iter().find_map(|name| {
            let value = self.text(name)?;
            let found = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(&value));
            if found.is_none() {
                self.unknown(&Setting::variable(name), &value, choices.iter().map(|(word, _)| *word), words(choices));
            }
            found.map(|(_, choice)| *choice)
        })
    }

    /// One of the named choices: what code gives, else the first variable that is set to one, else the default.
    pub(crate) fn chosen<T: Copy + Default + PartialEq>(
        &mut self,
        given: Option<T>,
        names: &[&'static str],
        choices: &[(&str, T)],
    ) -> T {
        let shown =
            |value: &T| choices.iter().find(|(_, choice)| choice == value).map_or("", |(word, _)| *word).to_owned();
        given.unwrap_or_else(|| self.settled(shown, |env| env.choice(names, choices).unwrap_or_default()))
    }

    /// The first variable of the specification that is set, as a boolean: whatever is not `true` is false, as the specification says.
    pub(crate) fn flag(&mut self, names: &[&'static str]) -> Option<bool> {
        let name = self.set(names)?;
        Some(self.settled(bool::to_string, |env| env.switch(name).unwrap_or(false)))
    }

    /// A variable of ours, as a boolean; nothing where it is neither `true` nor `false`, so that the default holds.
    pub(crate) fn switch(&mut self, name: &'static str) -> Option<bool> {
        self.choice(&[name], &[("true", true), ("false", false)])
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
                _ => {
                    let allowed = format!("a whole number of milliseconds from 1 to {MAX_MILLIS}");
                    self.problem(&Setting::variable(name), &value, allowed);
                }
            }
        }
        found
    }

    /// A duration: what code gives, else the first good one of several variables, else the default.
    pub(crate) fn duration(
        &mut self,
        given: (Setting, Option<Duration>),
        names: &[&'static str],
        default: Duration,
    ) -> Duration {
        self.settled(millis_text, |env| {
            let variable = env.millis(names);
            env.given(&given.0, given.1).or(variable).unwrap_or(default)
        })
    }

    /// A port.
    pub(crate) fn port(&mut self, name: &'static str) -> Option<u16> {
        let value = self.text(name)?;
        let port = value.parse().ok();
        if port.is_none() {
            let allowed = "a port number from 0 to 65535, where 0 takes a free one";
            self.problem(&Setting::variable(name), &value, allowed);
        }
        port
    }

    /// A duration that the builder was given, under the same limits as those from variables.
    pub(crate) fn given(&mut self, setting: &Setting, duration: Option<Duration>) -> Option<Duration> {
        let duration = duration?;
        let fits = !duration.is_zero() && duration <= Duration::from_millis(MAX_MILLIS);
        if !fits {
            self.problem(setting, &format!("{duration:?}"), format!("more than 0 and at most {MAX_MILLIS} ms"));
        }
        fits.then_some(duration)
    }
}

/// A duration as a variable gives it.
fn millis_text(duration: &Duration) -> String {
    duration.as_millis().to_string()
}

/// Whether the value counts as unset.
fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|value| value.trim().is_empty())
}

/// The words of several choices, as a list to read.
pub(crate) fn words<T>(choices: &[(&str, T)]) -> String {
    choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}
