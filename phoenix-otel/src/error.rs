//! One type for each fallible thing, with only the errors that it can return.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::config::Problems;

/// Why `init` did not start: one report of all that is wrong, of each kind on lines of its own.
///
/// What cannot be checked because something else is wrong is not in it: without a usable namespace, for example, nothing is said of the
/// metrics' names.
#[derive(Default)]
pub struct InitError {
    pub(crate) settings: Problems,
    pub(crate) metrics: Vec<MetricProblem>,
    pub(crate) views: Vec<ViewProblem>,
    pub(crate) registry: Option<String>,
    pub(crate) thread: Option<io::Error>,
}

impl InitError {
    /// The settings that cannot be used, and the exporters that cannot be made. Variables are among them where the service is
    /// [strict](crate::Builder::strict), or anything else is wrong, too.
    pub fn settings(&self) -> &Problems {
        &self.settings
    }

    /// What is wrong with the metrics that are declared: names that two of them share, and names, units and caps that no metric can have.
    pub fn metrics(&self) -> impl Iterator<Item = &MetricProblem> {
        self.metrics.iter()
    }

    /// What is wrong with the [views](crate::Builder::view).
    pub fn views(&self) -> impl Iterator<Item = &ViewProblem> {
        self.views.iter()
    }

    /// Why the registry given to `Builder::export_into` does not take the metrics, if it does not.
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// Why a thread that exports could not be started, if one could not.
    pub fn thread(&self) -> Option<&io::Error> {
        self.thread.as_ref()
    }

    /// A thread could not be started.
    pub(crate) fn of_thread(error: io::Error) -> Self {
        Self { thread: Some(error), ..Self::default() }
    }

    /// Adds all of another report.
    pub(crate) fn join(&mut self, other: Self) {
        self.settings.extend(other.settings.into_vec());
        self.metrics.extend(other.metrics);
        self.views.extend(other.views);
        self.registry = self.registry.take().or(other.registry);
        self.thread = self.thread.take().or(other.thread);
    }

    /// The settings that `init` ignores, where nothing else is wrong; else all of it.
    pub(crate) fn ignored(self, strict: bool) -> Result<Problems, Self> {
        let is_else = !self.metrics.is_empty() || !self.views.is_empty();
        let is_else = is_else || self.registry.is_some() || self.thread.is_some();
        match self.settings.ignored(strict) {
            Ok(ignored) if !is_else => Ok(ignored),
            Ok(settings) | Err(settings) => Err(Self { settings: settings.without_instead(), ..self }),
        }
    }

    /// All of it, with what ends `init` before the rest is checked.
    pub(crate) fn ended_by(mut self, other: Self) -> Self {
        self.join(other);
        Self { settings: self.settings.without_instead(), ..self }
    }
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings: Vec<_> = self.settings.iter().collect();
        let parts = [
            listed("the configuration cannot be used", &settings),
            listed("the metrics that are declared do not fit together", &self.metrics),
            listed("the views cannot be used", &self.views),
            self.registry
                .as_ref()
                .map(|why| format!("the registry given to `export_into` does not take the metrics: {why}")),
            self.thread.as_ref().map(|error| format!("a thread that exports cannot be started: {error}")),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    }
}

/// A heading, and a line for each; nothing where there is none.
fn listed(what: &str, problems: &[impl fmt::Display]) -> Option<String> {
    let lines: String = problems.iter().map(|problem| format!("\n  {problem}")).collect();
    (!lines.is_empty()).then(|| format!("{what}:{lines}"))
}

impl std::error::Error for InitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.thread.as_ref()?)
    }
}

/// A declared metric that cannot be recorded: one of [`InitError::metrics`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricProblem {
    /// The metric's OpenTelemetry name; where [`module`](Self::module) is known, as it is declared, with its placeholders.
    pub metric: String,
    /// The module that declares it, where one declaration is wrong.
    pub module: Option<&'static str>,
    /// What is wrong, and what to do.
    pub advice: String,
}

impl MetricProblem {
    pub(crate) fn new(metric: impl Into<String>, module: Option<&'static str>, advice: String) -> Self {
        Self { metric: metric.into(), module, advice }
    }
}

impl fmt::Display for MetricProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { metric, module, advice } = self;
        match module {
            Some(module) => write!(f, "`{metric}`, declared in {module}: {advice}"),
            None => write!(f, "`{metric}`: {advice}"),
        }
    }
}

/// A [view](crate::Builder::view) that cannot be used: one of [`InitError::views`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViewProblem {
    /// What the view selects; `None` where several views, or a view and a metric, do not fit together.
    pub view: Option<String>,
    /// What is wrong, and what to do.
    pub advice: String,
}

impl ViewProblem {
    pub(crate) fn new(view: Option<String>, advice: String) -> Self {
        Self { view, advice }
    }
}

impl fmt::Display for ViewProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.view {
            Some(view) => write!(f, "the view of `{view}`: {}", self.advice),
            None => f.write_str(&self.advice),
        }
    }
}

/// Why the names of a program are not those of the list that is checked in.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum NamesError {
    /// Names that only one of the two has.
    #[error(
        "{} does not have the names that this program declares (`-`: the file alone has it, `+`: the program alone):\n{}A name that changes breaks the dashboards and alerts that ask for it. If that is meant, write the list anew: UPDATE_NAMES=1 cargo test",
        path.display(), difference(missing, added)
    )]
    Differ {
        /// The list.
        path: PathBuf,
        /// The lines that the file alone has: names that the program no longer declares.
        missing: Vec<String>,
        /// The lines that the program alone has: names that the file does not list.
        added: Vec<String>,
    },
    /// There can be no such list.
    #[error("`Names::{method}({value:?})`: {advice}")]
    Wrong {
        /// The method of [`Names`](crate::Names) that was given a wrong value.
        method: &'static str,
        /// The value.
        value: String,
        /// What is wrong, and what to write.
        advice: String,
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

/// A line for each name, marked with `-` or `+`, sorted by name.
fn difference(missing: &[String], added: &[String]) -> String {
    let missing = missing.iter().map(|line| (line, '-'));
    let mut lines: Vec<_> = missing.chain(added.iter().map(|line| (line, '+'))).collect();
    lines.sort_unstable();
    lines.iter().map(|(line, mark)| format!("  {mark} {line}\n")).collect()
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
    fn from(settings: Problems) -> Self {
        Self { settings, ..Self::default() }
    }
}

/// What an exporter delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// Metrics, counted in data points.
    Metrics,
    /// Spans.
    Spans,
}

/// Metrics or spans that an exporter did not deliver, at a flush or at the shutdown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{exporter}: {} not delivered: {reason}", counted(*signal, *points))]
#[non_exhaustive]
pub struct NotDelivered {
    /// The exporter's name: the one that it was given, or the one in `OTEL_METRICS_EXPORTER`. That of an exporter of spans ends in
    /// ` traces`.
    pub exporter: String,
    /// What was to be delivered.
    pub signal: Signal,
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
        // No other name has a space in it.
        let signal = if exporter.ends_with(" traces") { Signal::Spans } else { Signal::Metrics };
        Self { exporter: exporter.to_owned(), signal, reason: one_line(&reason), points }
    }
}

fn counted(signal: Signal, count: Option<usize>) -> String {
    let item = match signal {
        Signal::Metrics => "data point",
        Signal::Spans => "span",
    };
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
