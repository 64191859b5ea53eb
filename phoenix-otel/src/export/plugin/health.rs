//! The health of the exporters as data: what [`Telemetry::health`](crate::Telemetry::health) returns and `/healthz` shows.

use std::fmt;
use std::time::SystemTime;

use super::health_board::FORKED;
use crate::error::one_line;

/// The health of each exporter at one moment, in the order of the configuration: what [`Telemetry::health`](crate::Telemetry::health) returns.
///
/// As text it has a line for each exporter, as `/healthz` shows it.
///
/// ```standalone_crate
/// use phoenix_otel::ExporterState;
///
/// # fn main() -> Result<(), phoenix_otel::InitError> {
/// # let none: [(&str, &str); 0] = [];
/// let telemetry = phoenix_otel::builder("shop").environment(none).exporter("console").init()?;
/// let health = telemetry.health();
/// for exporter in health.exporters().filter(|exporter| exporter.state == ExporterState::Failing) {
///     eprintln!("{} has failed {} times in a row", exporter.name, exporter.consecutive_failures);
/// }
/// print!("{health}"); // console: no export yet
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health(Vec<ExporterHealth>);

impl Health {
    pub(super) fn new(exporters: Vec<ExporterHealth>) -> Self {
        Self(exporters)
    }

    /// The exporters, in the order of the configuration.
    pub fn exporters(&self) -> impl Iterator<Item = &ExporterHealth> {
        self.0.iter()
    }

    /// The exporter of this name; `None` if there is none.
    pub fn exporter(&self, name: &str) -> Option<&ExporterHealth> {
        self.0.iter().find(|exporter| exporter.name == name)
    }

    /// Whether every exporter is [`Ready`](ExporterState::Ready) or [`Working`](ExporterState::Working).
    pub fn is_healthy(&self) -> bool {
        self.0.iter().all(|exporter| matches!(exporter.state, ExporterState::Ready | ExporterState::Working))
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|exporter| writeln!(f, "{}: {exporter}", exporter.name))
    }
}

/// The health of one exporter. As text it is what [`Health`] shows after the name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExporterHealth {
    /// The name that it was given, or the one in `OTEL_METRICS_EXPORTER`. That of an exporter of spans ends in ` traces`.
    pub name: String,
    /// What it exports, and by what its health is known.
    pub exports: Exports,
    /// Whether it works.
    pub state: ExporterState,
    /// When the state began; `None` where that is not known.
    pub since: Option<SystemTime>,
    /// When the last export, scrape or flush succeeded.
    pub last_success: Option<SystemTime>,
    /// The last failure. It stays after a success.
    pub last_failure: Option<ExportFailure>,
    /// How many exports, scrapes or flushes have failed in a row; 0 after a success. An export of which the receiver rejected a part is a failure.
    pub consecutive_failures: u64,
    /// How many data points or spans were lost since the start: no later export carries them.
    pub lost: usize,
    /// How many samples the newest scrape left out, because the format cannot hold them. `phoenix_otel_dropped_total` counts them by reason.
    pub dropped: usize,
    /// Why changed files with TLS and authentication of a scrape endpoint are not used, and since when; `None` while they are. The former
    /// files stay in use.
    pub reload_failure: Option<ExportFailure>,
}

/// Why an export, a scrape or a flush failed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportFailure {
    /// When it failed.
    pub at: SystemTime,
    /// Why: the message of the exporter, on one line, of at most 1,000 characters.
    pub reason: String,
}

/// What an exporter exports, and by what its health is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exports {
    /// It pushes metrics.
    Metrics,
    /// It pushes spans.
    Spans,
    /// Its metrics are scraped.
    Scrapes,
    /// It is a [reader](crate::Builder::reader) that exports by itself: only its flushes are known.
    Flushes,
}

impl Exports {
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
    /// It can export nothing: it was not built in, a setting that it needs cannot be used, or the reader is not registered.
    Unavailable,
    /// It is to be scraped, and its port cannot be bound yet. It retries.
    NotListening,
    /// The telemetry is shut down.
    ShutDown,
    /// This process was forked after [`init`](crate::init()): the exporters run in the other process.
    Forked,
}

impl ExporterHealth {
    /// Of an exporter that has exported nothing yet. The name is filled in by the board.
    pub(crate) fn ready(exports: Exports) -> Self {
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
    /// A failure of now.
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
            ExporterState::Failing => write!(f, "failing, {} times in a row: {reason}", self.consecutive_failures)?,
            ExporterState::Working => {
                let ago = self.last_success.and_then(|at| at.elapsed().ok()).unwrap_or_default();
                write!(f, "ok, last {once} {} s ago", ago.as_secs())?;
            }
        }
        if self.lost > 0 {
            write!(f, "; lost since the start: {} {}", self.lost, self.exports.points())?;
        }
        if self.dropped > 0 {
            write!(f, "; {} samples were dropped from it, see phoenix_otel_dropped_total", self.dropped)?;
        }
        Ok(())
    }
}
