//! What the telemetry has to say of itself: to `tracing`, or, in a service that set no subscriber, to standard error.
//!
//! A service that counts but does not log must still learn that its port is taken or its collector away.

use std::fmt::{self, Debug, Write as _};
use std::hash::{DefaultHasher, Hasher as _};
use std::io::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::lock::lock;

/// Says `message` with some fields, `{ name = value }` or `{ name }`, at a level of `tracing`.
///
/// It is for what an operator must hear, so for warnings and errors; what only helps to debug goes to `tracing` as usual. A line that is equal to the
/// last one of its place is left out for a minute, and counted: the next one has the number as `repeated`.
macro_rules! report {
    ($level:ident, { $($field:ident $(= $value:expr)?),* $(,)? }, $message:literal) => {{
        static REPEATS: $crate::report::Repeats = $crate::report::Repeats::new();
        $($(let $field = $value;)?)*
        if let Some(repeated) = REPEATS.next(format_args!($message), &[$((stringify!($field), &$field)),*]) {
            if tracing::dispatcher::has_been_set() {
                tracing::event!(tracing::Level::$level, $($field,)* repeated, $message);
            } else {
                $crate::report::to_stderr(format_args!($message), &[$((stringify!($field), &$field)),*], repeated);
            }
        }
    }};
}
pub(crate) use report;

/// How long a line is left out that is equal to the last one.
const PAUSE: Duration = Duration::from_secs(60);

/// The last line of one place in the code.
pub(crate) struct Repeats(Mutex<Option<Last>>);

struct Last {
    hash: u64,
    at: Instant,
    left_out: u64,
}

impl Repeats {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether to say this line now, and then how many equal ones were left out before; without a number where there were none.
    #[allow(clippy::option_option)] // The inner one is a field of the event.
    pub(crate) fn next(&self, message: fmt::Arguments<'_>, fields: &[(&str, &dyn Debug)]) -> Option<Option<u64>> {
        let mut hash = DefaultHasher::new();
        let _ = write!(Hashed(&mut hash), "{message}{fields:?}");
        self.next_at(hash.finish(), Instant::now())
    }

    fn next_at(&self, hash: u64, now: Instant) -> Option<Option<u64>> {
        let mut last = lock(&self.0);
        match &mut *last {
            Some(last) if last.hash == hash && now.saturating_duration_since(last.at) < PAUSE => {
                last.left_out += 1;
                None
            }
            last => {
                // Of another line the number would be taken for this one's.
                let before = last.replace(Last { hash, at: now, left_out: 0 });
                Some(before.filter(|before| before.hash == hash && before.left_out > 0).map(|before| before.left_out))
            }
        }
    }
}

struct Hashed<'h>(&'h mut DefaultHasher);

impl fmt::Write for Hashed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// A duration as people write it: to the tenth of a second, and below a second to the millisecond.
pub(crate) fn human(duration: Duration) -> String {
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

/// Writes one line: the message, and its fields behind it.
pub(crate) fn to_stderr(message: fmt::Arguments<'_>, fields: &[(&str, &dyn Debug)], repeated: Option<u64>) {
    let mut line = format!("phoenix-otel: {message}");
    for (name, value) in fields {
        let _ = write!(line, " {name}={value:?}");
    }
    if let Some(repeated) = repeated {
        let _ = write!(line, " repeated={repeated}");
    }
    line.push('\n');
    // In one piece, so that no other thread writes in between; and unlike `eprintln!` it does not panic where nobody reads.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_lines_the_first_is_said_and_then_a_number() {
        let (repeats, start) = (Repeats::new(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(repeats.next_at(1, at(0)), Some(None));
        assert_eq!(repeats.next_at(1, at(1)), None);
        assert_eq!(repeats.next_at(1, at(59)), None);
        assert_eq!(repeats.next_at(1, at(60)), Some(Some(2)));
        assert_eq!(repeats.next_at(1, at(61)), None);
        assert_eq!(repeats.next_at(2, at(62)), Some(None), "another line is said at once");
        assert_eq!(repeats.next_at(1, at(63)), Some(None), "a number is of equal lines only");
        assert_eq!(repeats.next_at(1, at(500)), Some(None));
    }

    #[test]
    fn lines_are_equal_if_their_text_and_fields_are() {
        let repeats = Repeats::new();
        let is_said =
            |text: &str, value: &dyn Debug| repeats.next(format_args!("{text}"), &[("value", value)]).is_some();
        assert!(is_said("a", &1));
        assert!(!is_said("a", &1));
        assert!(is_said("a", &2));
        assert!(is_said("b", &2));
    }

    #[test]
    fn durations_are_as_people_write_them() {
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
            assert_eq!(human(Duration::from_nanos(nanos)), text, "{nanos}");
        }
        assert!(human(Duration::MAX).ends_with('s'));
    }
}
