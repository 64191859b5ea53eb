//! The deadline that a client sets by `grpc-timeout`.

use std::time::{Duration, Instant};

use http::HeaderMap;

/// Tolerance: the cancellation arrives shortly after the client's timeout, and the client starts its timer shortly before the server
/// does.
const SLACK: Duration = Duration::from_millis(20);

/// When the client stops waiting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// The deadline of a call that starts now. `None` if the header is missing or invalid.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let timeout = parse(headers.get("grpc-timeout")?.to_str().ok()?)?;
        Instant::now().checked_add(timeout).map(Self)
    }

    /// Whether the client has stopped waiting.
    pub(super) fn has_passed(self) -> bool {
        Instant::now() + SLACK >= self.0
    }
}

/// Parses a timeout in gRPC's format: at most eight digits and a unit.
fn parse(timeout: &str) -> Option<Duration> {
    let (digits, unit) = timeout.split_at_checked(timeout.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn timeouts_are_read() {
        assert_eq!(parse("99999999H"), Some(Duration::from_secs(99_999_999 * 3600)));
        assert_eq!(parse("2M"), Some(Duration::from_secs(120)));
        assert_eq!(parse("3S"), Some(Duration::from_secs(3)));
        assert_eq!(parse("40m"), Some(Duration::from_millis(40)));
        assert_eq!(parse("5u"), Some(Duration::from_micros(5)));
        assert_eq!(parse("0n"), Some(Duration::ZERO));
        for wrong in ["", "S", "5", "5s", "-5S", "+5S", "5.0S", "123456789S", "5é"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_deadline_passes() {
        let of = |timeout: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", HeaderValue::from_static(timeout));
            Deadline::of(&headers)
        };
        assert!(of("1n").is_some_and(Deadline::has_passed));
        assert!(of("1H").is_some_and(|deadline| !deadline.has_passed()));
        assert!(of("soon").is_none());
        assert!(Deadline::of(&HeaderMap::new()).is_none());
    }
}
