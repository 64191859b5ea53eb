//! The exposition formats, and the media types that name them.

use super::Escaping;

/// A Prometheus exposition format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The Prometheus text format, version 0.0.4. Every scraper reads it.
    #[default]
    Text,
    /// The Prometheus text format, version 1.0.0. Its names may have any characters, if the scraper accepts that.
    TextV1,
    /// OpenMetrics text, version 1.0.0: with units, exemplars and an end mark.
    OpenMetrics,
    /// Delimited `io.prometheus.client.MetricFamily` messages: with native histograms, units, exemplars and the times at which series
    /// began.
    Protobuf,
}

impl Format {
    /// Whether it can show exemplars.
    pub(crate) const fn has_exemplars(self) -> bool {
        matches!(self, Format::OpenMetrics | Format::Protobuf)
    }
}

/// The format of a response and the escaping of its names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MediaType {
    /// The format.
    pub format: Format,
    /// The escaping of names.
    pub escaping: Escaping,
}

impl MediaType {
    /// A format with the default escaping.
    pub(crate) const fn new(format: Format) -> Self {
        Self { format, escaping: Escaping::Underscores }
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        macro_rules! with_escaping {
            ($format:literal) => {
                match self.escaping {
                    Escaping::AllowUtf8 => concat!($format, "; escaping=allow-utf-8"),
                    Escaping::Underscores => concat!($format, "; escaping=underscores"),
                    Escaping::Dots => concat!($format, "; escaping=dots"),
                    Escaping::Values => concat!($format, "; escaping=values"),
                }
            };
        }
        match self.format {
            Format::Text => with_escaping!("text/plain; version=0.0.4; charset=utf-8"),
            Format::TextV1 => with_escaping!("text/plain; version=1.0.0; charset=utf-8"),
            Format::OpenMetrics => with_escaping!("application/openmetrics-text; version=1.0.0; charset=utf-8"),
            Format::Protobuf => with_escaping!(
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            ),
        }
    }
}
