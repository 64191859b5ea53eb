//! Errors. Each fallible operation has a type with only the errors that it can return.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::config::Problems;
use crate::view::ViewProblem;

/// Why `init` failed: one report with all problems, grouped by kind.
///
/// A problem can prevent further checks: for example, if the namespace is invalid, the names of metrics are not checked.
#[derive(Default)]
pub struct InitError {
    pub(crate) settings: Problems,
    pub(crate) metrics: Vec<MetricProblem>,
    pub(crate) views: Vec<ViewProblem>,
    pub(crate) registry: Option<String>,
    pub(crate) thread: Option<io::Error>,
}

impl InitError {
    /// The invalid settings, and the exporters that cannot be created. Invalid variables are included only if the service is
    /// [strict](crate::Builder::strict) or there is another problem.
    pub fn settings(&self) -> &Problems {
        &self.settings
    }

    /// The problems of the declared metrics: duplicate names, and invalid names, units and caps.
    pub fn metrics(&self) -> impl Iterator<Item = &MetricProblem> {
        self.metrics.iter()
    }

    /// The problems of the [views](crate::Builder::view).
    pub fn views(&self) -> impl Iterator<Item = &ViewProblem> {
        self.views.iter()
    }

    /// The reason why the registry given to `Builder::export_into` rejects the metrics. `None` if it accepts them.
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// The error of starting a thread for exports. `None` if all threads were started.
    pub fn thread(&self) -> Option<&io::Error> {
        self.thread.as_ref()
    }

    /// A thread could not be started.
    pub(crate) fn of_thread(error: io::Error) -> Self {
        Self { thread: Some(error), ..Self::default() }
    }

    /// Adds the problems of another report.
    pub(crate) fn extend(&mut self, other: Self) {
        self.settings.extend(other.settings.into_vec());
        self.metrics.extend(other.metrics);
        self.views.extend(other.views);
        self.registry = self.registry.take().or(other.registry);
        self.thread = self.thread.take().or(other.thread);
    }

    /// The settings that `init` ignores. If there is another problem, returns the error.
    pub(crate) fn ignored(self, strict: bool) -> Result<Problems, Self> {
        let is_else = !self.metrics.is_empty() || !self.views.is_empty();
        let is_else = is_else || self.registry.is_some() || self.thread.is_some();
        match self.settings.ignored(strict) {
            Ok(ignored) if !is_else => Ok(ignored),
            Ok(settings) | Err(settings) => Err(Self { settings: settings.without_fallbacks(), ..self }),
        }
    }

    /// Adds a problem that ends `init` before the remaining checks.
    pub(crate) fn with_fatal(mut self, other: Self) -> Self {
        self.extend(other);
        Self { settings: self.settings.without_fallbacks(), ..self }
    }
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings: Vec<_> = self.settings.iter().collect();
        let parts = [
            listed("the configuration is invalid", &settings),
            listed("the declared metrics are invalid", &self.metrics),
            listed("the views are invalid", &self.views),
            self.registry.as_ref().map(|why| format!("the registry given to `export_into` rejects the metrics: {why}")),
            self.thread.as_ref().map(|error| format!("a thread for exports cannot be started: {error}")),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    }
}

/// A heading, and one line for each problem. `None` without problems.
fn listed(what: &str, problems: &[impl fmt::Display]) -> Option<String> {
    let lines: String = problems.iter().map(|problem| format!("\n  {problem}")).collect();
    (!lines.is_empty()).then(|| format!("{what}:{lines}"))
}

impl std::error::Error for InitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.thread.as_ref()?)
    }
}

/// Why the configuration file was not [reloaded](crate::Telemetry::reload). Nothing is changed.
#[cfg(feature = "config-file")]
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The telemetry has no file: it is configured by code and variables, or by [`Builder::config`](crate::Builder::config).
    #[error("the telemetry has no configuration file")]
    NoFile,
    /// The telemetry is disabled. A file that enables it takes effect after a restart.
    #[error("the telemetry is disabled; to enable it, restart the service")]
    Disabled,
    /// The telemetry is shut down.
    #[error("the telemetry is shut down")]
    ShutDown,
    /// The call is on a thread of the exporters, or in a callback of an observable instrument. A reload would wait for
    /// the code that calls it.
    #[error("a thread of the exporters or a callback of an observable instrument cannot reload the configuration")]
    OnExportThread,
    /// A reload is already running on this thread: a log sink called `reload` when it received a line of that reload.
    #[error("a reload is running on this thread")]
    Nested,
    /// This process was forked from the one in which the exporters run.
    #[error("this process was forked after init, so it has no exporters; call init in it")]
    Forked,
    /// The file is invalid, or an exporter cannot be created.
    #[error(transparent)]
    Invalid(InitError),
}

/// The kind of a [`MetricProblem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum MetricProblemKind {
    /// Two declarations of one name differ.
    Duplicate,
    /// Instrumented functions record a metric with this name.
    NameOfFunctions,
    /// The name is invalid.
    Name,
    /// The unit is invalid.
    Unit,
    /// The cap is too large.
    Cap,
}

/// A declared metric that cannot be recorded: one of [`InitError::metrics`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricProblem {
    /// The kind of the problem.
    pub kind: MetricProblemKind,
    /// The metric's OpenTelemetry name. If [`module`](Self::module) is `Some`, it is the declared name, with its placeholders.
    pub metric: String,
    /// The module of the declaration. `None` if the problem does not belong to a single declaration.
    pub module: Option<&'static str>,
    /// What is wrong, and what to do.
    pub advice: String,
}

impl MetricProblem {
    pub(crate) fn new(
        kind: MetricProblemKind,
        metric: impl Into<String>,
        module: Option<&'static str>,
        advice: String,
    ) -> Self {
        Self { kind, metric: metric.into(), module, advice }
    }
}

impl fmt::Display for MetricProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind: _, metric, module, advice } = self;
        match module {
            Some(module) => write!(f, "`{metric}`, declared in {module}: {advice}"),
            None => write!(f, "`{metric}`: {advice}"),
        }
    }
}

/// Why [`Names::check`](crate::Names::check) failed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum NamesError {
    /// The names that the program declares differ from the list.
    #[error(
        "{} differs from the names that this program declares (`-`: only in the file, `+`: only in the program):\n{}A changed name breaks the dashboards and alerts that use it. If the change is intended, update the list: UPDATE_NAMES=1 cargo test",
        path.display(), difference(missing, added)
    )]
    Mismatch {
        /// The file with the list.
        path: PathBuf,
        /// The lines that are only in the file: names that the program no longer declares.
        missing: Vec<String>,
        /// The lines that are only in the program: names that the file does not list.
        added: Vec<String>,
    },
    /// A setting of [`Names`](crate::Names) is invalid.
    #[error("`Names::{method}({value:?})`: {advice}")]
    InvalidSetting {
        /// The method of [`Names`](crate::Names) that was called with the invalid value.
        method: &'static str,
        /// The invalid value.
        value: String,
        /// What is wrong, and what to write.
        advice: String,
    },
    /// The list cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file with the list.
        path: PathBuf,
        /// The error of the operating system.
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

/// Errors that `main` or a test returns are printed with `Debug`. It shows the same text as `Display`.
macro_rules! debug_is_display {
    ($($error:ty),*) => {$(
        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

debug_is_display!(InitError, NamesError, DeliveryError);
#[cfg(feature = "prometheus")]
debug_is_display!(ScrapeError);
#[cfg(feature = "config-file")]
debug_is_display!(ReloadError);

impl From<Problems> for InitError {
    fn from(settings: Problems) -> Self {
        Self { settings, ..Self::default() }
    }
}

/// The signal that an exporter exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// Metrics, counted in data points.
    Metrics,
    /// Spans.
    Spans,
}

/// Metrics or spans that an exporter did not deliver during a flush or the shutdown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{exporter}: {} not delivered: {reason}", counted(*signal, *points))]
#[non_exhaustive]
pub struct Undelivered {
    /// The exporter's name: the configured one, or the one in `OTEL_METRICS_EXPORTER`. For an exporter of spans it ends in ` traces`.
    pub exporter: String,
    /// The signal that was not delivered.
    pub signal: Signal,
    /// The reason, on one line.
    pub reason: String,
    /// The number of data points or spans. `None` if they could not be collected.
    pub points: Option<usize>,
}

/// The maximum length of a reason in health, the log and errors, in characters.
const MAX_REASON_CHARS: usize = 1_000;

/// The reason of an exporter, on one line and truncated. It may be a whole page, and with a line break it would look like the line of
/// another exporter.
pub(crate) fn one_line(reason: &str) -> String {
    let mut left = reason.trim().chars().map(visible);
    let mut shown: String = left.by_ref().take(MAX_REASON_CHARS).collect();
    if left.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Replaces a character of another program's text with a space if it would change how the text around it is shown: a control character, a
/// line break, or a character that changes the direction.
pub(crate) fn visible(character: char) -> char {
    if character.is_control() || is_invisible(character) { ' ' } else { character }
}

/// Whether a character separates lines, changes the direction of a text or has no width: U+2028, U+2029, the annotations, and the code points
/// that Unicode calls `Default_Ignorable_Code_Point`.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

impl Undelivered {
    pub(crate) fn new(exporter: &str, reason: String, points: Option<usize>) -> Self {
        // Only the names of span exporters contain a space.
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

/// The error of an incomplete [`Delivery`](crate::Delivery): what a flush or a shutdown did not deliver, by exporter.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct DeliveryError(pub(crate) Vec<Undelivered>);

impl DeliveryError {
    /// The exporters that did not deliver everything.
    pub fn exporters(&self) -> impl Iterator<Item = &Undelivered> {
        self.0.iter()
    }
}

/// Why [`Telemetry::exposition`](crate::Telemetry::exposition) failed.
#[cfg(feature = "prometheus")]
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScrapeError {
    /// No exporter has cumulative temporality, which an exposition needs. (The endpoint responds with 404 if no Prometheus exporter is configured.)
    #[error(
        "no exporter has cumulative temporality: add a Prometheus exporter where the exporters are selected, with OTEL_METRICS_EXPORTER, the configuration file or Builder::exporter"
    )]
    NotConfigured,
    /// The collection failed. The endpoint responds with 500.
    #[error("metrics could not be collected: {0}")]
    Collect(String),
    /// The telemetry is shut down. The endpoint responds with 503.
    #[error("telemetry is shut down")]
    ShutDown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_and_bounded() {
        let reason = Undelivered::new("mine", "no\nother: ok, last export 0 s ago\r\n".to_owned(), None).reason;
        assert_eq!(reason, "no other: ok, last export 0 s ago");
        let marks = "a\u{2028}b\u{2029}c\u{202a}d\u{202e}e\u{2066}f\u{2069}g\u{85}h\u{1b}i\u{0}j\u{200f}k\u{feff}l";
        let reason = Undelivered::new("mine", marks.to_owned(), None).reason;
        assert_eq!(reason, "a b c d e f g h i j k l");
        let ignorable = "a\u{34f}b\u{fe0f}c\u{e0041}d\u{3164}e\u{ad}f\u{180e}g\u{fff9}h";
        assert_eq!(Undelivered::new("mine", ignorable.to_owned(), None).reason, "a b c d e f g h");
        let reason = Undelivered::new("mine", "é".repeat(1_000_000), None).reason;
        assert_eq!(reason.chars().count(), MAX_REASON_CHARS + 1);
    }
}
