//! Content negotiation: `Accept` and `Accept-Encoding` (RFC 9110, sections 12.5.1 and 12.5.3). Pure.

use super::Format;

/// The format that an `Accept` header selects.
///
/// OpenMetrics is selected if the header names it, in version 1.0.0 or without a version, and no text type has a higher weight. In all
/// other cases, also for a missing or invalid header, it is the text format, which every scraper reads.
#[must_use]
pub fn format(accept: Option<&str>) -> Format {
    let (mut open_metrics, mut text) = (0, 0);
    for range in elements(accept.unwrap_or_default(), ',') {
        let mut parts = elements(range, ';');
        let media_type = parts.next().unwrap_or_default().trim();
        let (mut weight, mut version) = (Some(1000), None);
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (name.trim(), value.trim());
            if name.eq_ignore_ascii_case("q") {
                weight = quality(value);
            } else if name.eq_ignore_ascii_case("version") {
                version = Some(value.trim_matches('"'));
            }
        }
        let Some(weight) = weight else { continue };
        if media_type.eq_ignore_ascii_case("application/openmetrics-text") && matches!(version, None | Some("1.0.0")) {
            open_metrics = weight.max(open_metrics);
        } else if media_type.eq_ignore_ascii_case("text/plain") && matches!(version, None | Some("0.0.4")) {
            text = weight.max(text);
        }
    }
    if open_metrics > 0 && open_metrics >= text { Format::OpenMetrics } else { Format::Text }
}

/// Whether an `Accept-Encoding` header allows gzip.
///
/// gzip must be named, or `*`, with a weight above zero. Without the header the answer is not compressed.
#[must_use]
pub fn gzip(accept_encoding: Option<&str>) -> bool {
    let (mut named, mut any, mut identity) = (None, None, None);
    for element in elements(accept_encoding.unwrap_or_default(), ',') {
        let mut parts = elements(element, ';');
        let coding = parts.next().unwrap_or_default().trim();
        let mut weight = Some(1000);
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if name.trim().eq_ignore_ascii_case("q") {
                weight = quality(value.trim());
            }
        }
        let Some(weight) = weight else { continue };
        let slot = if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            &mut named
        } else if coding == "*" {
            &mut any
        } else if coding.eq_ignore_ascii_case("identity") {
            &mut identity
        } else {
            continue;
        };
        *slot = Some(weight.max(slot.unwrap_or(0)));
    }
    let gzip = named.or(any).unwrap_or(0);
    gzip > 0 && gzip >= identity.unwrap_or(0)
}

/// A weight in thousandths (`0.5` → 500). `None` if it is invalid (RFC 9110, section 12.4.2).
fn quality(value: &str) -> Option<u16> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths = fraction.bytes().chain(*b"000").take(3).fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// Splits at a separator that is outside of a quoted string.
fn elements(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => return c == separator && !quoted,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Prometheus 3 sends when it scrapes without native histograms, and with them.
    const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    const PROMETHEUS_NATIVE: &str = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.2";

    #[test]
    fn formats() {
        use Format::{OpenMetrics, Text};
        for (accept, expected) in [
            (PROMETHEUS, OpenMetrics),
            (PROMETHEUS_NATIVE, OpenMetrics),
            ("", Text),
            ("*/*", Text),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Text),
            ("text/plain", Text),
            ("text/plain; version=0.0.4", Text),
            ("application/openmetrics-text", OpenMetrics),
            ("application/openmetrics-text; version=1.0.0", OpenMetrics),
            ("Application/OpenMetrics-Text; VERSION=\"1.0.0\"; charset=utf-8", OpenMetrics),
            ("application/openmetrics-text; version=0.0.1", Text),
            ("application/openmetrics-text; version=2.0.0, text/plain", Text),
            ("application/openmetrics-text;q=0", Text),
            ("application/openmetrics-text;q=0.0, */*", Text),
            ("application/openmetrics-text;q=0.4, text/plain;q=0.5", Text),
            ("application/openmetrics-text;q=0.5, text/plain;q=0.5", OpenMetrics),
            ("application/openmetrics-text;q=1.001", Text),
            ("application/openmetrics-text;q=-1", Text),
            ("application/openmetrics-text;q=nonsense", Text),
            (";;;,,,q=1", Text),
            ("text/plain;x=\",application/openmetrics-text\"", Text),
        ] {
            assert_eq!(format(Some(accept)), expected, "{accept:?}");
        }
        assert_eq!(format(None), Text);
    }

    #[test]
    fn encodings() {
        for (accept, expected) in [
            ("gzip", true),
            ("GZIP", true),
            ("x-gzip", true),
            ("deflate, gzip;q=1.0, *;q=0.5", true),
            ("*", true),
            ("br;q=1.0, *;q=0.1", true),
            ("", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*;q=0", false),
            ("gzip;q=0.2, identity;q=0.8", false),
            ("gzip; q=0.8, identity; q=0.2", true),
            ("gzip;q=2", false),
            ("not-gzip", false),
        ] {
            assert_eq!(gzip(Some(accept)), expected, "{accept:?}");
        }
        assert!(!gzip(None));
    }

    proptest! {
        #[test]
        fn any_header_has_an_answer(header in any::<String>()) {
            let _ = (format(Some(&header)), gzip(Some(&header)));
        }

        #[test]
        fn without_openmetrics_in_the_header_the_format_is_text(header in "[a-z/;,=q0-9.* \"\\\\-]{0,60}") {
            prop_assume!(!header.contains("openmetrics"));
            prop_assert_eq!(format(Some(&header)), Format::Text);
        }

        #[test]
        fn the_higher_weight_wins(open_metrics in 1u16..=999, text in 1u16..=999, swap: bool) {
            let (a, b) = (
                format!("application/openmetrics-text;version=1.0.0;q=0.{open_metrics:03}"),
                format!("text/plain;version=0.0.4;q=0.{text:03}"),
            );
            let header = if swap { format!("{b}, {a}") } else { format!("{a},{b}") };
            let expected = if open_metrics >= text { Format::OpenMetrics } else { Format::Text };
            prop_assert_eq!(format(Some(&header)), expected);
        }

        #[test]
        fn gzip_with_weight_zero_is_not_used(before in "([a-z]{1,5}(;q=0\\.[0-9]{1,3})?, )?", zeros in "0(\\.0{0,3})?") {
            prop_assume!(!before.starts_with("gzip"));
            let header = format!("{before}gzip;q={zeros}");
            prop_assert!(!gzip(Some(&header)));
        }
    }
}
