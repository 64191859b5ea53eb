//! The two exposition formats.

/// A Prometheus exposition format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The Prometheus text format, version 0.0.4. Every scraper reads it.
    #[default]
    Text,
    /// OpenMetrics text, version 1.0.0: with units, exemplars and an end mark.
    OpenMetrics,
}

impl Format {
    /// The value of `Content-Type` for the format.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Text => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}
