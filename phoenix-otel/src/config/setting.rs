//! Where a value stands. It decides what becomes of one that cannot be used.

use std::borrow::Cow;
use std::fmt;

/// The name of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A method of the builder or of a value that it is given. What is wrong there is an error of `init`: no deployment can mend it.
    Code(Cow<'static, str>),
    /// An environment variable. What is wrong there is ignored with a warning, as the OpenTelemetry specification has it.
    Variable(Cow<'static, str>),
}

impl Setting {
    /// The method of the builder.
    pub(crate) const fn builder(method: &'static str) -> Self {
        Self::Code(Cow::Borrowed(method))
    }

    /// What code gives the exporter called `exporter`.
    pub(crate) fn of_exporter(exporter: &str, field: &str) -> Self {
        Self::Code(format!("builder: {exporter}: {field}").into())
    }

    /// The variable.
    pub(crate) const fn variable(name: &'static str) -> Self {
        Self::Variable(Cow::Borrowed(name))
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Code(name) | Self::Variable(name) => name,
        }
    }

    /// Whether it is a variable.
    pub(crate) fn is_variable(&self) -> bool {
        matches!(self, Self::Variable(_))
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
