//! Log lines of the telemetry itself. They go to `tracing`, or to standard error if the service has set no subscriber.
//!
//! A service without a log must still show that its port is in use or its collector is down.

mod stderr;

use std::fmt::{self, Debug, Write as _};
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use crate::lock::lock;

/// Logs `message` with fields, `{ name = value }` or `{ name }`, at a level of `tracing`.
///
/// Use it for messages to operators: warnings and errors. Debug information goes directly to `tracing`. A line that equals one of the last
/// eight different lines of the same call site is suppressed for a minute. The next such line has the number of suppressed lines in the field
/// `repeated`.
macro_rules! report {
    ($level:ident, { $($field:ident $(= $value:expr)?),* $(,)? }, $message:literal) => {{
        static REPEAT_FILTER: $crate::report::RepeatFilter = $crate::report::RepeatFilter::new();
        $($(let $field = $value;)?)*
        if !$crate::report::is_logged(tracing::Level::$level) {
        } else if let Some(repeated) = REPEAT_FILTER.next(format_args!($message), &[$((stringify!($field), &$field)),*]) {
            if tracing::dispatcher::has_been_set() {
                tracing::event!(tracing::Level::$level, $($field,)* repeated, $message);
            } else {
                $crate::report::to_stderr(format_args!($message), &[$((stringify!($field), &$field)),*], repeated);
            }
        }
    }};
}
pub(crate) use report;

/// The least severe level that is logged, as [`severity`] counts.
static LEVEL: AtomicU8 = AtomicU8::new(2);

/// Sets the least severe level that is logged. `None` logs nothing.
pub(crate) fn set_level(level: Option<tracing::Level>) {
    LEVEL.store(level.map_or(u8::MAX, severity), Ordering::Relaxed);
}

/// Whether a line of this level is logged.
pub(crate) fn is_logged(level: tracing::Level) -> bool {
    severity(level) >= LEVEL.load(Ordering::Relaxed)
}

fn severity(level: tracing::Level) -> u8 {
    match level {
        tracing::Level::ERROR => 4,
        tracing::Level::WARN => 3,
        tracing::Level::INFO => 2,
        tracing::Level::DEBUG => 1,
        _ => 0,
    }
}

/// How long an equal line is suppressed.
const REPEAT_INTERVAL: Duration = Duration::from_secs(60);

/// How many different lines of one call site are remembered.
const REMEMBERED: usize = 8;

/// Suppresses repeated lines of one call site: those that equal one of its last different lines.
pub(crate) struct RepeatFilter(Mutex<Vec<Logged>>);

struct Logged {
    hash: u64,
    at: Instant,
    suppressed: u64,
}

impl RepeatFilter {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Returns `None` if the line is suppressed. Otherwise returns how many equal lines were suppressed before it, or `Some(None)` if there
    /// were none.
    #[allow(clippy::option_option)] // The inner one is a field of the event.
    pub(crate) fn next(&self, message: fmt::Arguments<'_>, fields: &[(&str, &dyn Debug)]) -> Option<Option<u64>> {
        let mut hash = DefaultHasher::new();
        let _ = write!(Hashed(&mut hash), "{message}{fields:?}");
        self.next_at(hash.finish(), Instant::now())
    }

    fn next_at(&self, hash: u64, now: Instant) -> Option<Option<u64>> {
        // The latest is the last.
        let mut lines = lock(&self.0);
        let found = lines.iter().position(|line| line.hash == hash);
        if let Some(line) = found.map(|at| &mut lines[at])
            && now.saturating_duration_since(line.at) < REPEAT_INTERVAL
        {
            line.suppressed += 1;
            return None;
        }
        let suppressed = found.map(|at| lines.remove(at).suppressed);
        if lines.len() == REMEMBERED {
            lines.remove(0);
        }
        lines.push(Logged { hash, at: now, suppressed: 0 });
        Some(suppressed.filter(|suppressed| *suppressed > 0))
    }
}

struct Hashed<'h>(&'h mut DefaultHasher);

impl fmt::Write for Hashed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// A duration for people: milliseconds below one second, otherwise seconds with at most one decimal.
pub(crate) fn format_duration(duration: Duration) -> String {
    let millis = duration.as_nanos().saturating_add(500_000) / 1_000_000;
    if millis < 1_000 {
        return format!("{millis}ms");
    }
    let tenths = (millis + 50) / 100;
    match tenths % 10 {
        0 => format!("{}s", tenths / 10),
        tenth => format!("{}.{tenth}s", tenths / 10),
    }
}

/// Writes one line: the message and its fields.
pub(crate) fn to_stderr(message: fmt::Arguments<'_>, fields: &[(&str, &dyn Debug)], repeated: Option<u64>) {
    let mut line = format!("phoenix-otel: {message}");
    for (name, value) in fields {
        let _ = write!(line, " {name}={value:?}");
    }
    if let Some(repeated) = repeated {
        let _ = write!(line, " repeated={repeated}");
    }
    line.push('\n');
    stderr::write(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lines_are_suppressed_and_counted() {
        let (repeats, start) = (RepeatFilter::new(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(repeats.next_at(1, at(0)), Some(None));
        assert_eq!(repeats.next_at(1, at(1)), None);
        assert_eq!(repeats.next_at(1, at(59)), None);
        assert_eq!(repeats.next_at(1, at(60)), Some(Some(2)));
        assert_eq!(repeats.next_at(1, at(61)), None);
        assert_eq!(repeats.next_at(2, at(62)), Some(None), "another line is logged at once");
        assert_eq!(repeats.next_at(1, at(500)), Some(Some(1)), "only equal lines are counted");
        assert_eq!(repeats.next_at(1, at(600)), Some(None));
    }

    #[test]
    fn alternating_lines_are_suppressed() {
        let (repeats, start) = (RepeatFilter::new(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let logged = |lines: u64, at: Instant| (0..lines).filter(|line| repeats.next_at(*line, at).is_some()).count();
        assert_eq!(logged(8, at(0)), 8);
        assert_eq!(logged(8, at(1)), 0);
        assert_eq!(repeats.next_at(8, at(2)), Some(None), "it replaces the oldest");
        assert_eq!(repeats.next_at(7, at(2)), None);
        assert_eq!(repeats.next_at(0, at(2)), Some(None));
        assert_eq!(repeats.next_at(7, at(60)), Some(Some(2)));
    }

    #[test]
    fn lines_are_compared_by_text_and_fields() {
        let repeats = RepeatFilter::new();
        let is_logged =
            |text: &str, value: &dyn Debug| repeats.next(format_args!("{text}"), &[("value", value)]).is_some();
        assert!(is_logged("a", &1));
        assert!(!is_logged("a", &1));
        assert!(is_logged("a", &2));
        assert!(is_logged("b", &2));
    }

    #[test]
    fn durations_are_formatted_for_people() {
        for (nanos, text) in [
            (0, "0ms"),
            (1, "0ms"),
            (799_834_900, "800ms"),
            (999_600_000, "1s"),
            (1_500_000_000, "1.5s"),
            (4_499_999_999, "4.5s"),
            (9_960_000_000, "10s"),
            (3_600_000_000_000, "3600s"),
        ] {
            assert_eq!(format_duration(Duration::from_nanos(nanos)), text, "{nanos}");
        }
        assert!(format_duration(Duration::MAX).ends_with('s'));
    }
}
