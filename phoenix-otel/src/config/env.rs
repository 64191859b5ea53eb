//! Reads environment variables through a function, so that tests do not need the process environment.
//!
//! The rules are those of the OpenTelemetry specification ("Environment Variable Specification"): an empty value counts as unset, enum
//! values are not case-sensitive, and an invalid value is ignored with a warning: a [`Problem`], which names the value that is used instead.

use super::effective::{Origin, Origins};
use super::environment::Environment;
use super::known;
use super::problem::{Problem, Problems};
use super::setting::Setting;
use std::borrow::Cow;
use std::ffi::OsStr;
use std::time::Duration;

/// The maximum duration, about 49 days. Longer durations could overflow a clock.
const MAX_MILLIS: u64 = u32::MAX as u64;

/// What a timeout of 0 in a variable or a file means: the maximum duration.
pub(crate) const NO_LIMIT: Duration = Duration::from_millis(MAX_MILLIS);

/// The text for "used instead" of a setting that no selected exporter reads.
const UNUSED: &str = "nothing; no selected exporter reads this variable";

/// Reads variables and collects problems.
pub(crate) struct Env<'a> {
    environment: &'a Environment,
    pub(super) problems: Vec<Problem>,
    /// Variables that code overrides.
    overridden: Vec<&'static str>,
    /// Variables that extensions read.
    extension_variables: Vec<String>,
    /// The exporter whose settings are resolved. Empty for settings of all.
    exporter: String,
    origins: Origins,
}

impl<'a> Env<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        let (problems, overridden, extension_variables, exporter, origins) = Default::default();
        Self { environment, problems, overridden, extension_variables, exporter, origins }
    }

    /// Returns all problems without duplicates: a variable can be read once for each exporter.
    pub(crate) fn finish(self) -> Problems {
        self.problems.into()
    }

    /// Notes that code overrides this variable.
    pub(crate) fn overridden(&mut self, name: &'static str) {
        self.overridden.push(name);
    }

    /// Reports variables that are set but not supported, and variables with misspelt names, except if code overrides the variable that was probably
    /// meant. Call it last, when the variables of the extensions are known.
    pub(crate) fn check_names(&mut self) {
        for (name, why, is_refused) in known::not_honoured(known::HAS_TRACES) {
            if self.is_set_without_effect(name) {
                let setting = Setting::variable(name);
                let report = if is_refused { Problem::unsupported } else { Problem::of_others };
                self.problems.push(report(&setting, why));
            }
        }
        let names = self.environment.names();
        for unknown in known::unknown(&names, &self.extension_variables) {
            if unknown.meant.is_none_or(|meant| !self.overridden.contains(&meant)) {
                self.problems.push(Problem::unknown_name(unknown.name, unknown.meant));
            }
        }
    }

    /// Whether a variable that is not supported is set. The value `none` of an exporter counts as unset, because nothing is exported anyway.
    fn is_set_without_effect(&self, name: &'static str) -> bool {
        let Some(value) = self.environment.get(name) else { return false };
        let is_none = || value.to_str().is_some_and(|value| value.trim().eq_ignore_ascii_case("none"));
        let is_no_exporter = name.ends_with("_EXPORTER") && is_none();
        !is_blank(&value) && !is_no_exporter
    }

    /// Resolves settings of one exporter.
    pub(crate) fn for_exporter<T>(&mut self, name: &str, resolve: impl FnOnce(&mut Self) -> T) -> T {
        self.exporter = name.to_owned();
        let resolved = resolve(self);
        self.exporter.clear();
        resolved
    }

    /// Notes where the value of a setting comes from: `given` if code or a file sets it, else the first valid variable of `names`, else the
    /// default. Call it after the setting is resolved.
    pub(crate) fn note(
        &mut self,
        setting: impl Into<Cow<'static, str>>,
        given: Option<Setting>,
        names: &[&'static str],
    ) {
        let is_valid = |setting: &Setting| !self.problems.iter().any(|problem| problem.name() == setting.name());
        let mut variables =
            names.iter().filter(|name| self.first_set(&[name]).is_some()).map(|name| Setting::variable(name));
        let origin = given.or_else(|| variables.find(is_valid)).as_ref().map(Origin::from).unwrap_or_default();
        self.origins.set(&self.exporter, setting, origin);
    }

    /// Notes the origin of a setting.
    pub(crate) fn note_origin(&mut self, setting: impl Into<Cow<'static, str>>, origin: Origin) {
        self.origins.set(&self.exporter, setting, origin);
    }

    /// Returns all origins.
    pub(crate) fn take_origins(&mut self) -> Origins {
        std::mem::take(&mut self.origins)
    }

    /// Adds problems.
    pub(crate) fn report(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
    }

    pub(crate) fn problem(&mut self, setting: &Setting, read: &str, allowed: impl Into<String>) {
        self.problems.push(Problem::new(setting, read, allowed));
    }

    /// Adds a problem: `read` is not one of these words. The problem suggests the most similar word.
    pub(crate) fn unknown<'w>(
        &mut self,
        setting: &Setting,
        read: &str,
        words: impl IntoIterator<Item = &'w str>,
        allowed: impl Into<String>,
    ) {
        let mut problem = Problem::new(setting, read, allowed);
        problem.suggest(words);
        self.problems.push(problem);
    }

    /// Reads a setting. If variables are invalid, the problems name the resulting value as the one that is used instead, in the format of
    /// `shown`.
    pub(crate) fn with_fallback<T>(&mut self, shown: impl Fn(&T) -> String, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.problems.len();
        let value = read(self);
        self.problems[before..].iter_mut().for_each(|problem| problem.set_fallback(|| shown(&value)));
        value
    }

    /// Validates settings that nothing uses. The problems say that no selected exporter reads the variable.
    pub(crate) fn check_unused(&mut self, read: impl FnOnce(&mut Self)) {
        let before = self.problems.len();
        read(self);
        let unused = Problems::from(self.problems.split_off(before)).without_fallbacks();
        self.problems.extend(unused.into_vec());
        self.problems[before..].iter_mut().for_each(|problem| problem.set_fallback(|| UNUSED.to_owned()));
    }

    /// The value of a variable without white space around it. `None` if it is empty.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.read(&Setting::variable(name))
    }

    /// The same for a variable of an extension.
    pub(crate) fn extension_text(&mut self, name: &str) -> Option<String> {
        self.extension_variables.push(name.to_owned());
        self.read(&Setting::Variable(name.to_owned().into()))
    }

    fn read(&mut self, setting: &Setting) -> Option<String> {
        let Ok(value) = self.environment.get(setting.name())?.into_string() else {
            // The value may be a secret, and it is not readable anyway.
            self.problems.push(Problem::secret(setting, "text in UTF-8"));
            return None;
        };
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The name of the first variable that is set, valid or not.
    pub(crate) fn first_set(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.environment.get(name).is_some_and(|value| !is_blank(&value)))
    }

    /// The name and the value of the first variable that is set. Pass the specific variable before the general one.
    pub(crate) fn first_value(&mut self, names: &[&'static str]) -> Option<(&'static str, String)> {
        names.iter().find_map(|name| Some((*name, self.text(name)?)))
    }

    /// The value of the first variable that is set to one of the choices. An invalid value is reported and counts as unset.
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

    /// One of the choices: from code, else from the first valid variable, else the default.
    pub(crate) fn choice_or_default<T: Copy + Default + PartialEq>(
        &mut self,
        from_code: Option<T>,
        names: &[&'static str],
        choices: &[(&str, T)],
    ) -> T {
        let shown = |value: &T| word_of(choices, value).to_owned();
        from_code.unwrap_or_else(|| self.with_fallback(shown, |env| env.choice(names, choices).unwrap_or_default()))
    }

    /// The first variable that is set, as a boolean of the specification: every value other than `true` is false.
    pub(crate) fn flag(&mut self, names: &[&'static str]) -> Option<bool> {
        let name = self.first_set(names)?;
        Some(self.with_fallback(bool::to_string, |env| env.boolean(name).unwrap_or(false)))
    }

    /// A variable of this crate as a boolean. `None` if it is neither `true` nor `false`, so that the default applies.
    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        self.choice(&[name], &[("true", true), ("false", false)])
    }

    /// A timeout in milliseconds from the first valid variable. 0 means no limit.
    pub(crate) fn limit(&mut self, names: &[&'static str]) -> Option<Duration> {
        self.millis(names, Some(NO_LIMIT))
    }

    /// The first valid duration in milliseconds. 0 stands for `zero`. All variables are validated, also those that are not used.
    fn millis(&mut self, names: &[&'static str], zero: Option<Duration>) -> Option<Duration> {
        let mut found = None;
        for name in names {
            let Some(value) = self.text(name) else {
                continue;
            };
            match value.parse() {
                Ok(millis @ 1..=MAX_MILLIS) => found = found.or(Some(Duration::from_millis(millis))),
                Ok(0) if zero.is_some() => found = found.or(zero),
                _ => {
                    let (first, meaning) = if zero.is_some() { (0, "; 0 means no limit") } else { (1, "") };
                    let allowed = format!("a whole number of milliseconds from {first} to {MAX_MILLIS}{meaning}");
                    self.problem(&Setting::variable(name), &value, allowed);
                }
            }
        }
        found
    }

    /// A duration: from code, else from the first valid variable, else the default.
    pub(crate) fn duration(
        &mut self,
        from_code: (Setting, Option<Duration>),
        names: &[&'static str],
        default: Duration,
    ) -> Duration {
        self.duration_by(from_code, default, |env| env.millis(names, None))
    }

    /// A timeout, as `duration`. In a variable 0 means no limit.
    pub(crate) fn timeout(
        &mut self,
        from_code: (Setting, Option<Duration>),
        names: &[&'static str],
        default: Duration,
    ) -> Duration {
        self.duration_by(from_code, default, |env| env.limit(names))
    }

    fn duration_by(
        &mut self,
        (setting, from_code): (Setting, Option<Duration>),
        default: Duration,
        variable: impl Fn(&mut Self) -> Option<Duration>,
    ) -> Duration {
        self.with_fallback(millis_text, |env| {
            let variable = variable(env);
            env.checked_duration(&setting, from_code).or(variable).unwrap_or(default)
        })
    }

    /// A port.
    pub(crate) fn port(&mut self, name: &'static str) -> Option<u16> {
        let value = self.text(name)?;
        let port = value.parse().ok();
        if port.is_none() {
            let allowed = "a port number from 0 to 65535; 0 selects a free port";
            self.problem(&Setting::variable(name), &value, allowed);
        }
        port
    }

    /// A duration that is set in code. The limits are those of variables.
    pub(crate) fn checked_duration(&mut self, setting: &Setting, duration: Option<Duration>) -> Option<Duration> {
        let duration = duration?;
        let fits = !duration.is_zero() && duration <= Duration::from_millis(MAX_MILLIS);
        if !fits {
            self.problem(setting, &shown(duration), format!("a duration above 0 and at most {MAX_MILLIS} ms"));
        }
        fits.then_some(duration)
    }
}

/// A duration in a message: in milliseconds, as files and variables have it, unless code sets a fraction of one.
fn shown(duration: Duration) -> String {
    if duration.subsec_nanos().is_multiple_of(1_000_000) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{duration:?}")
    }
}

/// A duration in the format of variables.
fn millis_text(duration: &Duration) -> String {
    duration.as_millis().to_string()
}

/// Whether the value counts as unset.
fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|value| value.trim().is_empty())
}

/// The word of a choice.
pub(crate) fn word_of<'w, T: PartialEq>(choices: &[(&'w str, T)], value: &T) -> &'w str {
    choices.iter().find(|(_, choice)| choice == value).map_or("", |(word, _)| word)
}

/// The words of the choices, separated by commas.
pub(crate) fn words<T>(choices: &[(&str, T)]) -> String {
    choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}
