//! What an extension of another crate reads its settings from.

use std::fmt;

use super::env::Env;
use super::pairs;
use super::problem::Problem;
use super::setting::Setting;

/// Reads the variables of an [`Extension`](crate::Extension), and collects what is wrong with its settings.
///
/// Variables come from the environment of the process, or from [`Builder::environment`](crate::Builder::environment) where that was
/// called. Space around a value is cut off, and an empty value counts as unset, as the OpenTelemetry specification has it. A value that is not
/// UTF-8 is reported, and reads as unset.
pub struct ExtensionSettings<'s> {
    env: Env<'s>,
}

impl<'s> ExtensionSettings<'s> {
    pub(crate) fn new(env: Env<'s>) -> Self {
        Self { env }
    }

    /// With what is wrong.
    pub(crate) fn into_env(self) -> Env<'s> {
        self.env
    }

    /// The value of a variable, if it is set.
    pub fn variable(&mut self, variable: &str) -> Option<String> {
        let before = self.env.problems.len();
        let value = self.env.text_of(variable);
        self.env.problems[before..].iter_mut().for_each(|problem| problem.replaced(|| "nothing".to_owned()));
        value
    }

    /// The pairs of a list of the form `key=value,key=value`, in their order, with percent-encoding decoded: the form of
    /// `OTEL_RESOURCE_ATTRIBUTES`.
    ///
    /// An item that is no pair is [ignored](Self::ignored), with `allowed` as what the variable may be.
    pub fn pairs(&mut self, variable: &str, allowed: &str) -> Vec<(String, String)> {
        let list = self.variable(variable).unwrap_or_default();
        let mut pairs = Vec::new();
        for (place, pair) in pairs::parse(&list) {
            match pair {
                Ok(pair) => pairs.push(pair),
                Err(bad) => {
                    let read = format!("{} (entry {place}: {})", bad.text, bad.why);
                    self.ignored(variable, read, allowed, "the other entries");
                }
            }
        }
        pairs
    }

    /// Reports a variable that cannot be used, and that the extension therefore ignores. [`init`](crate::Builder::init) logs it with all
    /// others, or, where the service is [strict](crate::Builder::strict), returns it as an error.
    ///
    /// `read` is the value, which must be no secret; `allowed` says what the variable may be; `instead` is what is used in its place.
    pub fn ignored(
        &mut self,
        variable: &str,
        read: impl fmt::Display,
        allowed: impl Into<String>,
        instead: impl Into<String>,
    ) {
        let mut problem = Problem::new(&Setting::Variable(variable.to_owned().into()), read, allowed);
        problem.replaced(|| instead.into());
        self.env.problems.push(problem);
    }

    /// Reports a value that code gave the extension and that cannot be used: [`init`](crate::Builder::init) returns all such problems as one
    /// error.
    ///
    /// `setting` is the method of the extension that was given the value; `read` is the value, which must be no secret; `allowed` says what
    /// it may be.
    pub fn problem(&mut self, setting: &str, read: impl fmt::Display, allowed: impl Into<String>) {
        self.env.problems.push(Problem::new(&Setting::Code(setting.to_owned().into()), read, allowed));
    }
}

impl fmt::Debug for ExtensionSettings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtensionSettings").field("problems", &self.env.problems).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::env::Environment;
    use super::*;

    #[test]
    fn variables_are_read_and_problems_collected() {
        let variables = [("ACME_RATES", "a=1, broken ,b=%32,"), ("ACME_EMPTY", "  ")];
        let variables = variables.map(|(name, value)| (name.to_owned(), OsString::from(value)));
        let environment = Environment::of(variables.into());
        let mut settings = ExtensionSettings::new(Env::new(&environment));
        assert_eq!(settings.variable("ACME_EMPTY"), None);
        let rates = settings.pairs("ACME_RATES", "`name=rate,…`");
        assert_eq!(rates, [("a", "1"), ("b", "2")].map(|(name, rate)| (name.to_owned(), rate.to_owned())));
        settings.problem("builder: Acme::rate", "-1", "a rate above 0");
        let problems = settings.into_env().problems;
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(problems[0].name(), "ACME_RATES");
        assert!(problems[0].read().is_some_and(|read| read.contains("broken (entry 2")), "{problems:?}");
        assert_eq!((problems[0].allowed(), problems[0].instead()), ("`name=rate,…`", Some("the other entries")));
        assert_eq!(problems.iter().map(Problem::can_be_ignored).collect::<Vec<_>>(), [true, false]);
        assert_eq!(problems[1].name(), "builder: Acme::rate");
    }
}
