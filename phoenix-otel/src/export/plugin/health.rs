//! The health of the exporters as data. [`Telemetry::health`](crate::Telemetry::health) returns it, and `/healthz` shows it as text.

use std::fmt;
use std::time::SystemTime;

use super::health_board::FORKED;
use crate::error::one_line;

/// The health of each exporter at one moment, in the order of the configuration. [`Telemetry::health`](crate::Telemetry::health) returns it.
///
/// `Display` writes one line for each exporter, as `/healthz` shows it, and one more if the last reload of the configuration file failed.
///
/// ```standalone_crate
/// use phoenix_otel::ExporterState;
///
/// # fn main() -> Result<(), phoenix_otel::InitError> {
/// # let none: [(&str, &str); 0] = [];
/// let telemetry = phoenix_otel::builder("shop").environment(none).exporter("console").init()?;
/// let health = telemetry.health();
/// for exporter in health.exporters().filter(|exporter| exporter.state == ExporterState::Failing) {
///     eprintln!("{}: {} consecutive failures", exporter.name, exporter.consecutive_failures);
/// }
/// print!("{health}"); // console: no export yet
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    exporters: Vec<ExporterHealth>,
    reload_failure: Option<ExportFailure>,
}

impl Health {
    pub(super) fn new(exporters: Vec<ExporterHealth>, reload_failure: Option<ExportFailure>) -> Self {
        Self { exporters, reload_failure }
    }

    /// The exporters, in the order of the configuration.
    pub fn exporters(&self) -> impl Iterator<Item = &ExporterHealth> {
        self.exporters.iter()
    }

    /// The health of the exporter with this name. `None` if there is no such exporter.
    pub fn exporter(&self, name: &str) -> Option<&ExporterHealth> {
        self.exporters.iter().find(|exporter| exporter.name == name)
    }

    /// Why the last [reload](crate::Telemetry::reload) of the configuration file failed, and when. `None` after a successful one. The previous
    /// configuration stays in use, so the exporters stay healthy.
    pub fn reload_failure(&self) -> Option<&ExportFailure> {
        self.reload_failure.as_ref()
    }

    /// Whether every exporter is [`Ready`](ExporterState::Ready) or [`Working`](ExporterState::Working).
    pub fn is_healthy(&self) -> bool {
        self.exporters.iter().all(|exporter| matches!(exporter.state, ExporterState::Ready | ExporterState::Working))
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exporters.iter().try_for_each(|exporter| writeln!(f, "{}: {exporter}", exporter.name))?;
        match &self.reload_failure {
            Some(failure) => writeln!(
                f,
                "configuration file: not reloaded, the previous configuration stays in use: {}",
                one_line(&failure.reason)
            ),
            None => Ok(()),
        }
    }
}

/// The health of one exporter. `Display` writes the text that [`Health`] shows after the name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExporterHealth {
    /// The exporter's name: the configured one, or the one in `OTEL_METRICS_EXPORTER`. For an exporter of spans it ends in ` traces`.
    pub name: String,
    /// The kind of exports, which determines how its health is observed.
    pub exports: ExportKind,
    /// The current state.
    pub state: ExporterState,
    /// When the state began. `None` if this is not known.
    pub since: Option<SystemTime>,
    /// When the last export, scrape or flush succeeded.
    pub last_success: Option<SystemTime>,
    /// The last failure. A later success does not reset it.
    pub last_failure: Option<ExportFailure>,
    /// The number of exports, scrapes or flushes that have failed in a row; 0 after a success. If the receiver rejects a part of an export, the
    /// export is a failure.
    pub consecutive_failures: u64,
    /// The number of data points or spans that were lost since the start: no later export contains them.
    pub lost: usize,
    /// The number of samples that the last scrape dropped, because the format cannot represent them. `phoenix_otel_dropped_total` counts them by
    /// reason.
    pub dropped: usize,
    /// Why changed files with TLS and authentication of a scrape endpoint are not used, and since when. `None` while they are used. The previous
    /// files stay in use.
    pub reload_failure: Option<ExportFailure>,
}

/// Why an export, a scrape, a flush or a reload failed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportFailure {
    /// When it failed.
    pub at: SystemTime,
    /// The message of the exporter, on one line, truncated to 1,000 characters.
    pub reason: String,
}

/// The kind of exports of an exporter. Its health is the result of these exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportKind {
    /// Pushes of metrics.
    Metrics,
    /// Pushes of spans.
    Spans,
    /// Scrapes.
    Scrapes,
    /// Flushes of a [reader](crate::Builder::reader). Its other exports are not observed, because a reader exports itself.
    Flushes,
}

impl ExportKind {
    fn points(self) -> &'static str {
        if self == Self::Spans { "spans" } else { "data points" }
    }

    fn once(self) -> &'static str {
        match self {
            Self::Metrics | Self::Spans => "export",
            Self::Scrapes => "scrape",
            Self::Flushes => "flush",
        }
    }
}

/// The state of an exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExporterState {
    /// It has exported nothing yet, and nothing has failed.
    Ready,
    /// The last export succeeded.
    Working,
    /// The last export failed.
    Failing,
    /// It cannot export: it is not compiled in, a required setting is invalid, or the reader is not registered.
    Unavailable,
    /// The scrape endpoint cannot bind its port. It retries.
    NotListening,
    /// The telemetry is shut down.
    ShutDown,
    /// This process was forked after [`init`](crate::init()): the exporters run in the parent process.
    Forked,
}

impl ExporterHealth {
    /// The health of an exporter that has exported nothing yet. The board sets the name.
    pub(crate) fn ready(exports: ExportKind) -> Self {
        Self {
            name: String::new(),
            exports,
            state: ExporterState::Ready,
            since: None,
            last_success: None,
            last_failure: None,
            consecutive_failures: 0,
            lost: 0,
            dropped: 0,
            reload_failure: None,
        }
    }
}

impl ExportFailure {
    /// A failure at the current time.
    pub(crate) fn now(reason: String) -> Self {
        Self { at: SystemTime::now(), reason }
    }
}

impl fmt::Display for ExporterHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_state(f)?;
        match &self.reload_failure {
            Some(failure) => {
                write!(f, "; changed TLS and authentication files are not used: {}", one_line(&failure.reason))
            }
            None => Ok(()),
        }
    }
}

impl ExporterHealth {
    fn write_state(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let once = self.exports.once();
        let reason = self.last_failure.as_ref().map_or("", |failure| &failure.reason);
        match self.state {
            ExporterState::Ready => return write!(f, "no {once} yet"),
            ExporterState::Unavailable => return write!(f, "failing: {reason}"),
            ExporterState::NotListening => return write!(f, "not listening, retrying: {reason}"),
            ExporterState::ShutDown => return f.write_str("shut down"),
            ExporterState::Forked => return f.write_str(FORKED),
            ExporterState::Failing => {
                write!(f, "failing (consecutive failures: {}): {reason}", self.consecutive_failures)?;
            }
            ExporterState::Working => {
                let ago = self.last_success.and_then(|at| at.elapsed().ok()).unwrap_or_default();
                write!(f, "ok, last {once} {} s ago", ago.as_secs())?;
            }
        }
        if self.lost > 0 {
            write!(f, "; lost since the start: {} {}", self.lost, self.exports.points())?;
        }
        if self.dropped > 0 {
            write!(f, "; {} samples were dropped from the last scrape, see phoenix_otel_dropped_total", self.dropped)?;
        }
        Ok(())
    }
}
