//! What the telemetry has to say of itself: to `tracing`, or, in a service that set no subscriber, to standard error.
//!
//! A service that counts but does not log must still learn that its port is taken or its collector away.

use std::fmt::{self, Debug, Write as _};
use std::io::Write as _;

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
