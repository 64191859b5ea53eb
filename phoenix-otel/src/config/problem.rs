//! What is wrong with a setting, said so that it can be mended: its name, what was read, what is allowed, which word was probably meant,
//! and what holds in its place.

use std::fmt;

use super::nearest::nearest;
use super::setting::Setting;

/// The longest piece of a value that a problem repeats.
const SHOWN: usize = 120;

/// One setting that cannot be used.
///
/// A variable is ignored, unless [`Builder::strict`](crate::Builder::strict) or `PHOENIX_OTEL_STRICT` makes it an error of
/// [`init`](crate::Builder::init); what code sets is an error always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    setting: Setting,
    read: Read,
    allowed: String,
    // Boxed, so that a result with a problem is small.
    nearest: Option<Box<str>>,
    instead: Option<Box<str>>,
}

/// What was read of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Read {
    Value(String),
    /// A value that may be a secret.
    Secret,
    /// The name alone, which is not known.
    Name,
}

impl Problem {
    /// A problem with the value `read` of a setting. A PEM may be a private key, and is not shown.
    pub(crate) fn new(setting: &Setting, read: impl fmt::Display, allowed: impl Into<String>) -> Self {
        let read = read.to_string();
        if is_pem(&read) {
            return Self::secret(setting, allowed);
        }
        let shown = match read.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &read[..end]),
            None => read,
        };
        Self { read: Read::Value(shown), ..Self::secret(setting, allowed) }
    }

    /// A problem with a setting whose value may be a secret, so that it is not repeated.
    pub(crate) fn secret(setting: &Setting, allowed: impl Into<String>) -> Self {
        Self { setting: setting.clone(), read: Read::Secret, allowed: allowed.into(), nearest: None, instead: None }
    }

    /// A variable whose name is not known, with the name that was probably meant.
    pub(super) fn unknown_name(name: &str, meant: Option<&str>) -> Self {
        let setting = Setting::Variable(name.to_owned().into());
        let nearest = meant.map(Box::from);
        Self { read: Read::Name, nearest, ..Self::secret(&setting, "the name of a variable that is known") }
    }

    /// The name of the environment variable, or of the builder's field.
    pub fn name(&self) -> &str {
        self.setting.name()
    }

    /// The value as it was read, cut where it is very long; nothing where it may be a secret, or the variable is not known.
    pub fn read(&self) -> Option<&str> {
        match &self.read {
            Read::Value(value) => Some(value),
            Read::Secret | Read::Name => None,
        }
    }

    /// What the setting may be.
    pub fn allowed(&self) -> &str {
        &self.allowed
    }

    /// The allowed word that is nearest to what was read, if one is near; of a variable that is not known, the name that was probably meant.
    pub fn nearest(&self) -> Option<&str> {
        self.nearest.as_deref()
    }

    /// What is used in place of a variable that was ignored; nothing where `init` failed, or the variable is not known.
    pub fn instead(&self) -> Option<&str> {
        self.instead.as_deref()
    }

    /// Whether `init` can go on without the setting: it is a variable.
    pub(crate) fn can_be_ignored(&self) -> bool {
        self.setting.is_variable()
    }

    /// Looks for the word that was meant among those that are allowed.
    pub(super) fn meant<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) {
        self.nearest = self.read().and_then(|read| nearest(read, words)).map(Box::from);
    }

    /// Says what holds in place of a variable, unless that is known already.
    pub(crate) fn replaced(&mut self, by: impl FnOnce() -> String) {
        if self.setting.is_variable() && self.instead.is_none() {
            self.instead = Some(by().into());
        }
    }

    /// Joins with a problem that is the same but for what holds in its place: the variable is read for two exporters.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        let same = self.setting == other.setting && self.read == other.read && self.allowed == other.allowed;
        if let (true, Some(instead), Some(more)) = (same, &mut self.instead, &other.instead) {
            let known = instead == more || instead.ends_with(&format!(" and {more}"));
            if !known {
                *instead = format!("{instead} and {more}").into();
            }
        }
        same
    }

    /// What is wrong, without what holds in its place.
    pub(crate) fn complaint(&self) -> String {
        Self { instead: None, ..self.clone() }.to_string()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.read {
            Read::Value(read) => write!(f, "{}: read {read:?}; allowed: {}", self.setting, self.allowed)?,
            Read::Secret => write!(f, "{}: the value is not shown; allowed: {}", self.setting, self.allowed)?,
            Read::Name => {
                write!(f, "{} is not known; ", self.setting)?;
                return match &self.nearest {
                    Some(meant) => write!(f, "did you mean {meant}?"),
                    None => f.write_str("if an extension reads it, add the extension to the builder by `with`"),
                };
            }
        }
        if let Some(nearest) = &self.nearest {
            write!(f, "; nearest: {nearest}")?;
        }
        match &self.instead {
            Some(instead) => write!(f, "; used instead: {instead}"),
            None => Ok(()),
        }
    }
}

/// Whether a text is, or contains, a certificate or a key.
pub(super) fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN")
}

/// Every problem of a configuration, so that one run shows them all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems, in the order in which the settings were read.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What `init` ignores, where it is not strict and all of it can be ignored; else all of it as its error.
    pub(crate) fn ignored(self, strict: bool) -> Result<Self, Self> {
        if self.is_empty() || (!strict && self.0.iter().all(Problem::can_be_ignored)) {
            return Ok(self);
        }
        Err(self.without_instead())
    }

    /// As they are where `init` fails: nothing is used where nothing starts.
    pub(crate) fn without_instead(mut self) -> Self {
        self.0.iter_mut().for_each(|problem| problem.instead = None);
        self
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// Says of each what holds in place of a variable, as [`Problem::replaced`] does.
    pub(crate) fn replaced(&mut self, by: impl Fn() -> String) {
        self.0.iter_mut().for_each(|problem| problem.replaced(&by));
    }

    /// Adds problems, each once.
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
