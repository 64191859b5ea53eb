//! An invalid setting: its name, the value read, the allowed values, the nearest allowed value, and the value that is used instead.

use std::fmt;

use super::effective::Origin;
use super::nearest::nearest;
use super::setting::{FileLocation, Setting};

/// The maximum length of a value or a name in a message, in characters. Longer values are truncated.
const MAX_VALUE_CHARS: usize = 120;

/// The maximum number of problems of a file in a message.
#[cfg(any(feature = "config-file", feature = "web-config"))]
pub(super) const MAX_OF_FILE: usize = 100;

/// An invalid setting.
///
/// An invalid variable is ignored, unless [`Builder::strict`](crate::Builder::strict) or `PHOENIX_OTEL_STRICT` makes it an error of
/// [`init`](crate::Builder::init). An invalid value in code is always an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    setting: Setting,
    read: Read,
    allowed: String,
    // Boxed to keep results with a problem small.
    suggestion: Option<Box<str>>,
    fallback: Option<Box<str>>,
}

/// The kind of a [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The value is not allowed.
    InvalidValue,
    /// The configuration file cannot be read, or has a syntax error.
    Unreadable,
    /// No variable has this name.
    UnknownVariable,
    /// This crate does not support the variable, or the key or the value of the file.
    Unsupported,
}

/// What was read of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Read {
    Value(String),
    /// A value that may be a secret.
    Secret,
    /// The name of the variable is unknown.
    Name,
    /// The file has a syntax error.
    #[cfg_attr(
        not(any(feature = "config-file", feature = "web-config")),
        allow(dead_code, reason = "only a configuration file has it")
    )]
    Syntax,
    /// This crate does not support the variable, or the key or the value of a file.
    Unsupported,
    /// This crate does not support the variable, but another SDK or library of the process may read it.
    OfOthers,
}

impl Problem {
    /// An invalid value. A PEM may be a private key and is not shown.
    pub(crate) fn new(setting: &Setting, read: impl fmt::Display, allowed: impl Into<String>) -> Self {
        let read = read.to_string();
        if is_pem(&read) {
            return Self::secret(setting, allowed);
        }
        Self { read: Read::Value(truncated(read)), ..Self::secret(setting, allowed) }
    }

    /// An invalid value that may be a secret: no message shows it.
    pub(crate) fn secret(setting: &Setting, allowed: impl Into<String>) -> Self {
        Self { setting: setting.clone(), read: Read::Secret, allowed: allowed.into(), suggestion: None, fallback: None }
    }

    /// A file that cannot be read at this place.
    #[cfg(any(feature = "config-file", feature = "web-config"))]
    pub(super) fn unreadable(setting: &Setting, allowed: impl Into<String>) -> Self {
        Self { read: Read::Syntax, ..Self::secret(setting, allowed) }
    }

    /// A variable or a part of a file that is ignored, because this crate does not support it.
    pub(crate) fn unsupported(setting: &Setting, why: impl Into<String>) -> Self {
        Self { read: Read::Unsupported, ..Self::secret(setting, why) }
    }

    /// The same for a variable that another SDK or library of the process may read. It is never an error.
    pub(super) fn of_others(setting: &Setting, why: impl Into<String>) -> Self {
        Self { read: Read::OfOthers, ..Self::secret(setting, why) }
    }

    /// A variable with an unknown name. `meant` is the most similar known name.
    pub(super) fn unknown_name(name: &str, meant: Option<&str>) -> Self {
        let setting = Setting::Variable(truncated(name.to_owned()).into());
        let suggestion = meant.map(Box::from);
        Self { read: Read::Name, suggestion, ..Self::secret(&setting, "the name of a known variable") }
    }

    /// What is wrong.
    pub fn kind(&self) -> ProblemKind {
        match self.read {
            Read::Value(_) | Read::Secret => ProblemKind::InvalidValue,
            Read::Syntax => ProblemKind::Unreadable,
            Read::Name => ProblemKind::UnknownVariable,
            Read::Unsupported | Read::OfOthers => ProblemKind::Unsupported,
        }
    }

    /// The source of the setting: code, the configuration file, or an environment variable.
    pub fn origin(&self) -> Origin {
        Origin::from(&self.setting)
    }

    /// The place in the configuration file. `None` if code or a variable sets it.
    pub fn location(&self) -> Option<&FileLocation> {
        match &self.setting {
            Setting::File(location) => Some(location),
            Setting::Code(_) | Setting::Variable(_) => None,
        }
    }

    /// The name of the environment variable or of the builder's method. For a configuration file: the file, the line, the column and the key.
    pub fn name(&self) -> &str {
        self.setting.name()
    }

    /// The value read, truncated if it is very long. `None` if it may be a secret, or if the variable is unknown or not supported.
    pub fn value(&self) -> Option<&str> {
        match &self.read {
            Read::Value(value) => Some(value),
            Read::Secret | Read::Name | Read::Syntax | Read::Unsupported | Read::OfOthers => None,
        }
    }

    /// A description of the allowed values. For a variable or a key that this crate does not support: the reason.
    pub fn allowed(&self) -> &str {
        &self.allowed
    }

    /// The allowed value that is most similar to the value read, if one is similar. For an unknown variable: the most similar known name.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }

    /// The value that is used instead of an ignored variable. `None` if `init` fails, or if the variable is unknown or not supported.
    pub fn fallback(&self) -> Option<&str> {
        self.fallback.as_deref()
    }

    /// Whether it is a problem of an environment variable.
    pub(crate) fn is_of_variable(&self) -> bool {
        self.setting.is_variable()
    }

    /// Whether `init` can ignore the setting. True for variables, and for keys of a file that this crate does not support.
    pub(crate) fn can_be_ignored(&self) -> bool {
        self.setting.is_variable() || self.read == Read::Unsupported
    }

    /// Whether `init` fails because of the setting.
    fn is_error(&self, strict: bool) -> bool {
        !self.can_be_ignored() || (strict && self.read != Read::OfOthers)
    }

    /// Whether it makes a configuration file invalid.
    pub(crate) fn is_fault_of_file(&self) -> bool {
        matches!(self.setting, Setting::File(_)) && !self.can_be_ignored()
    }

    /// Sets the most similar of the allowed words as a suggestion.
    pub(crate) fn suggest<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) {
        self.suggestion = self.value().and_then(|read| nearest(read, words)).map(Box::from);
    }

    /// Sets the word that is most similar to `read` as a suggestion.
    #[cfg(feature = "config-file")]
    pub(super) fn suggest_for<'w>(&mut self, read: &str, words: impl IntoIterator<Item = &'w str>) {
        self.suggestion = nearest(read, words).map(Box::from);
    }

    /// Sets the value that is used instead of a variable, unless it is set already.
    pub(crate) fn set_fallback(&mut self, by: impl FnOnce() -> String) {
        if self.setting.is_variable() && self.fallback.is_none() {
            self.fallback = Some(by().into());
        }
    }

    /// Merges `other` if it differs at most in the value that is used instead. This happens if two exporters read the same variable.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        let same = self.setting == other.setting && self.read == other.read && self.allowed == other.allowed;
        if let (true, Some(instead), Some(more)) = (same, &mut self.fallback, &other.fallback) {
            let known = instead == more || instead.ends_with(&format!(" and {more}"));
            if !known {
                *instead = format!("{instead} and {more}").into();
            }
        }
        same
    }

    /// The message without the value that is used instead.
    pub(crate) fn without_fallback(&self) -> String {
        Self { fallback: None, ..self.clone() }.to_string()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.read {
            Read::Value(read) => write!(f, "{}: invalid value {read:?}", self.setting)?,
            Read::Secret => write!(f, "{}: invalid value (not shown: it may be a secret)", self.setting)?,
            Read::Syntax => return write!(f, "{}: {}", self.setting, self.allowed),
            Read::Unsupported | Read::OfOthers => {
                write!(f, "{} is not supported and ignored: {}", self.setting, self.allowed)?;
                return match &self.suggestion {
                    Some(meant) => write!(f, " (did you mean {meant}?)"),
                    None => Ok(()),
                };
            }
            Read::Name => {
                write!(f, "{} is an unknown variable; ", self.setting)?;
                return match &self.suggestion {
                    Some(meant) => write!(f, "did you mean {meant}?"),
                    None => f.write_str("if an extension reads it, add the extension with `Builder::with`"),
                };
            }
        }
        if let Some(nearest) = &self.suggestion {
            write!(f, " (did you mean {nearest}?)")?;
        }
        write!(f, "; allowed: {}", self.allowed)?;
        match &self.fallback {
            Some(instead) => write!(f, "; used instead: {instead}"),
            None => Ok(()),
        }
    }
}

fn truncated(text: String) -> String {
    match text.char_indices().nth(MAX_VALUE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Whether a text contains a certificate or a key.
pub(super) fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN")
}

/// All invalid settings of a configuration, so that one run reports all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems, in the order in which the settings were read.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Whether all settings are valid.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the problems that `init` ignores. Returns all of them as an error if the service is strict, or if one of them cannot be ignored.
    pub(crate) fn ignored(self, strict: bool) -> Result<Self, Self> {
        let is_error = self.0.iter().any(|problem| problem.is_error(strict));
        if is_error { Err(self.without_fallbacks()) } else { Ok(self) }
    }

    /// Removes the values that are used instead, and what is never an error: if `init` fails, no value is used.
    pub(crate) fn without_fallbacks(mut self) -> Self {
        self.0.retain(|problem| problem.read != Read::OfOthers);
        self.0.iter_mut().for_each(|problem| problem.fallback = None);
        self
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// Calls [`Problem::set_fallback`] on each problem.
    pub(crate) fn set_fallback(&mut self, by: impl Fn() -> String) {
        self.0.iter_mut().for_each(|problem| problem.set_fallback(&by));
    }

    /// The problems of one file, by line and without duplicates. If there are very many, only the first ones: it is probably not a configuration file.
    #[cfg(any(feature = "config-file", feature = "web-config"))]
    pub(super) fn of_file(mut problems: Vec<Problem>, file: impl FnOnce() -> Setting) -> Self {
        problems.sort_by_key(|problem| problem.location().map(|at| (at.line(), at.column())));
        if problems.len() > MAX_OF_FILE {
            if !problems.iter().all(Problem::can_be_ignored) {
                problems.retain(|problem| !problem.can_be_ignored());
            }
            let further = problems.len().saturating_sub(MAX_OF_FILE);
            problems.truncate(MAX_OF_FILE);
            let mut more = Problem::unreadable(&file(), format!("{further} further problems"));
            if problems.iter().all(|problem| problem.read == Read::Unsupported) {
                more.read = Read::Unsupported;
            }
            problems.extend((further > 0).then_some(more));
        }
        problems.into()
    }

    /// Adds problems without duplicates.
    pub(crate) fn extend(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            if !self.0.iter_mut().any(|other| other.join(&problem)) {
                self.0.push(problem);
            }
        }
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        let mut distinct = Self::default();
        distinct.extend(problems);
        distinct
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "  {problem}")?;
        }
        Ok(())
    }
}
