//! Numbers as the text formats write them.

use std::io::Write as _;

use super::Format;

/// The value of a sample, in the type of the instrument: an integer keeps all its digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Float(f64),
    Unsigned(u64),
    Signed(i64),
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Number::Float(value)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Number::Unsigned(value)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Number::Signed(value)
    }
}

impl Number {
    /// Adds a number of the same type. Returns false for another type.
    pub(super) fn add(&mut self, more: Self) -> bool {
        *self = match (*self, more) {
            (Number::Float(number), Number::Float(more)) => Number::Float(number + more),
            (Number::Unsigned(number), Number::Unsigned(more)) => Number::Unsigned(number.saturating_add(more)),
            (Number::Signed(number), Number::Signed(more)) => Number::Signed(number.saturating_add(more)),
            _ => return false,
        };
        true
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Number::Float(value) => write_float(out, value),
            Number::Unsigned(value) => write_integer(out, value),
            Number::Signed(value) => write_integer(out, value),
        }
    }

    pub(super) fn as_f64(self) -> f64 {
        match self {
            Number::Float(value) => value,
            #[expect(clippy::cast_precision_loss, reason = "only to find the bucket of a value")]
            Number::Unsigned(value) => value as f64,
            #[expect(clippy::cast_precision_loss, reason = "only to find the bucket of a value")]
            Number::Signed(value) => value as f64,
        }
    }

    /// The value as a number of observations. A negative one is 0.
    pub(super) fn as_count(self) -> u64 {
        match self {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
            Number::Float(value) => value as u64,
            Number::Unsigned(value) => value,
            Number::Signed(value) => u64::try_from(value).unwrap_or(0),
        }
    }

    /// Whether OpenMetrics allows the value as a counter or as the sum of a histogram: not negative, not NaN.
    pub(super) fn is_valid_count(self) -> bool {
        match self {
            Number::Float(value) => value >= 0.0,
            Number::Unsigned(_) => true,
            Number::Signed(value) => value >= 0,
        }
    }
}

pub(super) fn write_integer(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// The shortest digits that read back as the same float. Whole numbers have no fraction.
pub(super) fn write_float(out: &mut Vec<u8>, value: f64) {
    // Below this limit every whole number is a float, so the digits of the integer are those of the float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if !value.is_finite() {
        out.extend_from_slice(not_finite(value));
    } else if value.abs() < EXACT && value.trunc() == value && (value != 0.0 || value.is_sign_positive()) {
        #[expect(clippy::cast_possible_truncation, reason = "the value is whole and smaller than 2^53")]
        write_integer(out, value as i64);
    } else {
        // Writing to a vector does not fail.
        let _ = write!(out, "{value:?}");
    }
}

/// A bound (`le`) or a quantile, in the format `'g'` of Go's `strconv`, like all other clients. In OpenMetrics a bare integer gets
/// `.0` ("Considerations: Canonical Numbers").
///
/// These are label values: another spelling of the same number would be another series.
pub(super) fn write_bound(out: &mut Vec<u8>, value: f64, format: Format) {
    if !value.is_finite() {
        out.extend_from_slice(not_finite(value));
        return;
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Go's limits for the shortest form.
    if !(-4..6).contains(&exponent) && value != 0.0 {
        out.extend_from_slice(digits.as_bytes());
        out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        out.extend_from_slice(format!("{:02}", exponent.abs()).as_bytes());
        return;
    }
    let start = out.len();
    out.extend_from_slice(format!("{}", if value == 0.0 { 0.0 } else { value }).as_bytes());
    if format == Format::OpenMetrics && !out[start..].contains(&b'.') {
        out.extend_from_slice(b".0");
    }
}

fn not_finite(value: f64) -> &'static [u8] {
    if value.is_nan() {
        b"NaN"
    } else if value > 0.0 {
        b"+Inf"
    } else {
        b"-Inf"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn float(value: f64) -> String {
        let mut out = Vec::new();
        write_float(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    fn bound(value: f64, format: Format) -> String {
        let mut out = Vec::new();
        write_bound(&mut out, value, format);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0.0"),
            (1.0, "1"),
            (-17.0, "-17"),
            (0.1, "0.1"),
            (1e15, "1000000000000000"),
            (1e16, "1e16"),
            (1.7976931348623157e308, "1.7976931348623157e308"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(float(value), expected);
        }
    }

    #[test]
    fn bounds_are_written_as_go_writes_them() {
        for (value, text, open_metrics) in [
            (0.0, "0", "0.0"),
            (-0.0, "0", "0.0"),
            (1.0, "1", "1.0"),
            (-2.5, "-2.5", "-2.5"),
            (0.005, "0.005", "0.005"),
            (0.0001, "0.0001", "0.0001"),
            (0.00001, "1e-05", "1e-05"),
            (81.92, "81.92", "81.92"),
            (100_000.0, "100000", "100000.0"),
            (1_000_000.0, "1e+06", "1e+06"),
            (1_048_576.0, "1.048576e+06", "1.048576e+06"),
            (1e100, "1e+100", "1e+100"),
            (f64::INFINITY, "+Inf", "+Inf"),
        ] {
            assert_eq!(bound(value, Format::Text), text);
            assert_eq!(bound(value, Format::OpenMetrics), open_metrics);
        }
    }

    proptest! {
        #[test]
        fn every_float_reads_back(value in any::<f64>()) {
            prop_assert_eq!(float(value).parse::<f64>().unwrap(), value);
            prop_assert_eq!(bound(value, Format::Text).parse::<f64>().unwrap(), value);
            prop_assert_eq!(bound(value, Format::OpenMetrics).parse::<f64>().unwrap(), value);
        }
    }
}
