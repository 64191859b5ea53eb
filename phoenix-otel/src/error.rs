//! One type for each fallible thing, with only the errors that it can return.

use std::fmt;
use std::path::PathBuf;

use crate::config::Problems;

/// Why `init` did not start.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// Settings cannot be used; each is listed on a line of its own. Variables are among them where the service is
    /// [strict](crate::Builder::strict), or code sets something wrongly, too.
    #[error("the configuration cannot be used:\n{0}")]
    Config(Problems),
    /// Metrics are declared so that they cannot both be exported; each is listed on a line of its own.
    #[error("the metrics that are declared do not fit together:\n{0}")]
    Catalog(String),
    /// Views cannot hold; each is listed on a line of its own.
    #[error("the views cannot be used:\n{0}")]
    View(String),
    /// The thread that exports could not be started.
    #[error("the thread that exports metrics cannot be started: {0}")]
    Thread(#[source] std::io::Error),
    /// The registry that metrics shall be exported into does not take them.
    #[error("the registry given to `export_into` does not take the metrics: {0}")]
    Registry(String),
}

/// Why the names of a program are not those of the list that is checked in.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum NamesError {
    /// Names that only one of the two has.
    #[error(
        "{} does not have the names that this program declares (`-`: the file alone has it, `+`: the program alone):\n{difference}A name that changes breaks the dashboards and alerts that ask for it. If that is meant, write the list anew: UPDATE_NAMES=1 cargo test",
        path.display()
    )]
    Differ {
        /// The list.
        path: PathBuf,
        /// A line each.
        difference: String,
    },
    /// The list cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The list.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
}

/// The errors that a `main` or a test returns and so prints for debugging: shown as they are shown to people.
macro_rules! debug_is_display {
    ($($error:ty),*) => {$(
        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

debug_is_display!(InitError, NamesError, Undelivered);
#[cfg(feature = "prometheus")]
debug_is_display!(ScrapeError);

impl From<Problems> for InitError {
    fn from(problems: Problems) -> Self {
        Self::Config(problems)
    }
}

/// Metrics or spans that an exporter did not deliver, at a flush or at the shutdown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{exporter}: {} not delivered: {reason}", counted(exporter, *points))]
#[non_exhaustive]
pub struct NotDelivered {
    /// The exporter's name: the one that it was given, or the one in `OTEL_METRICS_EXPORTER`. That of an exporter of spans ends in
    /// ` traces`.
    pub exporter: String,
    /// What went wrong.
    pub reason: String,
    /// How many data points or spans there were; nothing where they could not be collected.
    pub points: Option<usize>,
}

/// The longest reason that health, the log and errors repeat, in characters.
const LONGEST_REASON: usize = 1_000;

/// What an exporter gives as a reason, on one line and truncated: it may be a whole page, and a line break in it would read as the line of
/// another exporter.
pub(crate) fn one_line(reason: &str) -> String {
    let mut left = reason.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = left.by_ref().take(LONGEST_REASON).collect();
    if left.next().is_some() {
        shown.push('…');
    }
    shown
}

impl NotDelivered {
    pub(crate) fn new(exporter: &str, reason: String, points: Option<usize>) -> Self {
        Self { exporter: exporter.to_owned(), reason: one_line(&reason), points }
    }
}

fn counted(exporter: &str, count: Option<usize>) -> String {
    // No other name has a space in it.
    let item = if exporter.ends_with(" traces") { "span" } else { "data point" };
    match count {
        Some(1) => format!("1 {item} was"),
        Some(count) => format!("{count} {item}s were"),
        None => format!("an unknown number of {item}s was"),
    }
}

/// What a flush or a shutdown did not deliver, by exporter: [`Delivery`](crate::Delivery) as an error.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Undelivered(pub(crate) Vec<NotDelivered>);

impl Undelivered {
    /// The exporters that did not deliver.
    pub fn exporters(&self) -> impl Iterator<Item = &NotDelivered> {
        self.0.iter()
    }
}

/// Why there is no exposition.
#[cfg(feature = "prometheus")]
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScrapeError {
    /// The configuration has no exporter that is scraped. The answer is 404.
    #[error("metrics are not scraped here: add `prometheus` to OTEL_METRICS_EXPORTER")]
    NotConfigured,
    /// The SDK could not collect.
    #[error("metrics could not be collected: {0}")]
    Collect(String),
    /// The telemetry was shut down. The answer is 503.
    #[error("telemetry is shut down: there are no metrics any more")]
    ShutDown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_and_bounded() {
        let reason = NotDelivered::new("mine", "no\nother: ok, last export 0 s ago\r\n".to_owned(), None).reason;
        assert_eq!(reason, "no other: ok, last export 0 s ago");
        let reason = NotDelivered::new("mine", "é".repeat(1_000_000), None).reason;
        assert_eq!(reason.chars().count(), LONGEST_REASON + 1);
    }
}
