//! The source of a value: code or an environment variable. It decides how an invalid value is handled.

use std::borrow::Cow;
use std::fmt;

/// The name of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A method of the builder, or of a value that is passed to the builder. An invalid value is an error of `init`: only a code change can
    /// fix it.
    Code(Cow<'static, str>),
    /// An environment variable. An invalid value is ignored with a warning, as the OpenTelemetry specification requires.
    Variable(Cow<'static, str>),
}

impl Setting {
    /// A method of the builder.
    pub(crate) const fn builder(method: &'static str) -> Self {
        Self::Code(Cow::Borrowed(method))
    }

    /// A setting in code of the exporter `exporter`.
    pub(crate) fn of_exporter(exporter: &str, field: &str) -> Self {
        Self::Code(format!("builder: {exporter}: {field}").into())
    }

    pub(crate) const fn variable(name: &'static str) -> Self {
        Self::Variable(Cow::Borrowed(name))
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Code(name) | Self::Variable(name) => name,
        }
    }

    pub(crate) fn is_variable(&self) -> bool {
        matches!(self, Self::Variable(_))
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
