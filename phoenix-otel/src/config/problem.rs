//! What is wrong with a setting, said so that it can be mended: its name, what was read, and what is allowed.

use std::fmt;

/// The longest piece of a value that a problem repeats.
const SHOWN: usize = 120;

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    name: String,
    read: Option<String>,
    allowed: String,
}

impl Problem {
    /// A problem with the value `read` of the setting `name`.
    pub(crate) fn new(name: &str, read: impl fmt::Display, allowed: impl Into<String>) -> Self {
        let read = read.to_string();
        let shown = match read.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &read[..end]),
            None => read,
        };
        Self { name: name.to_owned(), read: Some(shown), allowed: allowed.into() }
    }

    /// A problem with a setting whose value may be a secret, so that it is not repeated.
    pub(crate) fn secret(name: &str, allowed: impl Into<String>) -> Self {
        Self { name: name.to_owned(), read: None, allowed: allowed.into() }
    }

    /// The name of the environment variable, or of the builder's field.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value as it was read, cut where it is very long; nothing where it may be a secret.
    pub fn read(&self) -> Option<&str> {
        self.read.as_deref()
    }

    /// What the setting may be.
    pub fn allowed(&self) -> &str {
        &self.allowed
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.read {
            Some(read) => write!(f, "{}: read {read:?}; allowed: {}", self.name, self.allowed),
            None => write!(f, "{}: the value is not shown; allowed: {}", self.name, self.allowed),
        }
    }
}

/// Every problem of a configuration, so that one run shows them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems, in the order in which the settings were read.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        Self(problems)
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
