//! Values as YAML.

use std::fmt;

/// A value of a configuration file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Text(String),
    Bool(bool),
    Int(u64),
    Integer(i64),
    Number(f64),
    /// A list in one line.
    List(Vec<Scalar>),
    /// A mapping in one line.
    Map(Vec<(String, Scalar)>),
    /// A value that refers to environment variables, as it is written in the file.
    #[cfg(feature = "config-file")]
    Reference {
        text: String,
        is_text: bool,
    },
    /// A key that chooses something without further settings.
    Empty,
}

impl Scalar {
    /// The value without quotes, for people to read.
    #[cfg_attr(not(feature = "page"), allow(dead_code, reason = "only the live page shows it"))]
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) => items.iter().map(Self::shown).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        }
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl<T: Into<Scalar>> FromIterator<T> for Scalar {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<u64> for Scalar {
    fn from(value: u64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

/// In milliseconds, as in the file.
impl From<std::time::Duration> for Scalar {
    fn from(duration: std::time::Duration) -> Self {
        Self::Int(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A `$` in a value would begin a reference.
            Self::Text(text) => quote(f, &text.replace('$', "$$")),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value:?}"),
            Self::List(items) => list(f, items),
            Self::Map(entries) => {
                f.write_str("{")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    let gap = if index > 0 { ", " } else { "" };
                    write!(f, "{gap}\"{}\": {value}", escaped(key))?;
                }
                f.write_str("}")
            }
            #[cfg(feature = "config-file")]
            Self::Reference { text, is_text: true } => quote(f, text),
            #[cfg(feature = "config-file")]
            Self::Reference { text, is_text: false } => f.write_str(text),
            Self::Empty => Ok(()),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: &[Scalar]) -> fmt::Result {
    f.write_str("[")?;
    for (index, item) in items.iter().enumerate() {
        let gap = if index > 0 { ", " } else { "" };
        write!(f, "{gap}{item}")?;
    }
    f.write_str("]")
}

/// Writes a text so that YAML reads it as this text: plain if that is safe, else in double quotes.
fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./$".contains(&byte))
        && !is_reserved(text);
    if is_plain {
        return f.write_str(text);
    }
    write!(f, "\"{}\"", escaped(text))
}

/// Whether a word without quotes has another type than a text, in YAML 1.2 or in an older version.
pub(super) fn is_reserved(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off")
}

/// The text between double quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                escaped.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
