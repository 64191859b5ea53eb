//! Durations in the format of Go, such as `1s` or `1h30m`.

use std::time::Duration;

const UNITS: [(&str, f64); 8] =
    [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("μs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];

/// Parses a duration of at most a year. `None` if the text is not a duration.
pub(super) fn parse(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let unit = rest[number..].find(|c: char| c.is_ascii_digit() || c == '.').map_or(rest.len(), |end| number + end);
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == &rest[number..unit])?;
        seconds += rest[..number].parse::<f64>().ok()? * scale;
        rest = &rest[unit..];
    }
    (!text.is_empty() && seconds <= 366.0 * 86_400.0).then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_go() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1s", Some(1_000_000)),
            ("1.5s", Some(1_500_000)),
            ("250ms", Some(250_000)),
            ("7us", Some(7)),
            ("7µs", Some(7)),
            ("1h2m3s", Some(3_723_000_000)),
            (".5s", Some(500_000)),
            ("", None),
            ("1", None),
            ("s", None),
            ("-1s", None),
            ("1d", None),
            ("1s2", None),
            (".s", None),
            ("1..2s", None),
            ("1 s", None),
            ("99999999h", None),
        ] {
            assert_eq!(parse(text), expected.map(Duration::from_micros), "{text}");
        }
    }
}
