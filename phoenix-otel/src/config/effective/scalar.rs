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
    // Lists in one line.
    Texts(Vec<String>),
    Bools(Vec<bool>),
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    /// A key that chooses something without further settings.
    Empty,
    /// A mapping without keys.
    Map,
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
            Self::Number(value) => number(f, *value),
            Self::Texts(texts) => list(f, texts, |f, text| quote(f, &text.replace('$', "$$"))),
            Self::Bools(values) => list(f, values, |f, value| write!(f, "{value}")),
            Self::Integers(values) => list(f, values, |f, value| write!(f, "{value}")),
            Self::Numbers(numbers) => list(f, numbers, |f, value| number(f, *value)),
            Self::Empty => Ok(()),
            Self::Map => f.write_str("{}"),
        }
    }
}

fn number(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    write!(f, "{value:?}")
}

fn list<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_str("[")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    f.write_str("]")
}

/// Writes a text so that YAML reads it as this text: plain if that is safe, else in double quotes.
fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./$".contains(&byte))
        && !matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if is_plain {
        return f.write_str(text);
    }
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                write!(f, "\\U{:08x}", u32::from(c))?;
            }
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}
