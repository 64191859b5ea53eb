//! What the telemetry has to say of itself: to `tracing`, or, in a service that set no subscriber, to standard error.
//!
//! A service that counts but does not log must still learn that its port is taken or its collector away.

use std::fmt::{self, Debug, Write as _};
use std::io::Write as _;
use std::time::Duration;

/// Says `message` with some fields, `{ name = value }` or `{ name }`, at a level of `tracing`.
///
/// It is for what an operator must hear, so for warnings and errors; what only helps to debug goes to `tracing` as usual.
macro_rules! report {
    ($level:ident, { $($field:ident $(= $value:expr)?),* $(,)? }, $message:literal) => {{
        $($(let $field = $value;)?)*
        if tracing::dispatcher::has_been_set() {
            tracing::event!(tracing::Level::$level, $($field,)* $message);
        } else {
            $crate::report::to_stderr(format_args!($message), &[$((stringify!($field), &$field)),*]);
        }
    }};
}
pub(crate) use report;

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
pub(crate) fn to_stderr(message: fmt::Arguments<'_>, fields: &[(&str, &dyn Debug)]) {
    let mut line = format!("phoenix-otel: {message}");
    for (name, value) in fields {
        let _ = write!(line, " {name}={value:?}");
    }
    line.push('\n');
    // In one piece, so that no other thread writes in between; and unlike `eprintln!` it does not panic where nobody reads.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

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
