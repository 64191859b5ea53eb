//! Content negotiation: `Accept` and `Accept-Encoding` (RFC 9110, sections 12.5.1 and 12.5.3). Pure.

use super::{Escaping, Format, MediaType};

/// The format and the escaping that an `Accept` header selects: those of the element with the highest weight that names a format of ours.
///
/// If weights are equal, OpenMetrics comes first, then the text formats, then protobuf, which a person cannot read. If the header is missing or
/// invalid, or names no format of ours, the format is text 0.0.4, which every scraper reads. Without a known escaping, names are escaped
/// with underscores ([content negotiation][spec]). Prometheus states its escaping for the text formats only. So protobuf has the escaping of the
/// highest other element that states one.
///
/// [spec]: https://prometheus.io/docs/instrumenting/content_negotiation/
#[must_use]
pub fn media_type(accept: Option<&str>) -> MediaType {
    let elements = || elements(accept.unwrap_or_default(), ',').filter_map(Element::new);
    let rank = |element: &Element| match element.format {
        Format::OpenMetrics => 3,
        Format::TextV1 => 2,
        Format::Text => 1,
        Format::Protobuf => 0,
    };
    // If several elements are equal, this is the first.
    let highest = |elements: &mut dyn Iterator<Item = Element>| {
        elements.reduce(|a, b| if (b.weight, rank(&b)) > (a.weight, rank(&a)) { b } else { a })
    };
    let Some(Element { format, escaping, .. }) = highest(&mut elements()) else { return MediaType::default() };
    let of_others = || highest(&mut elements().filter(|element| element.escaping.is_some()))?.escaping;
    let escaping = if format == Format::Protobuf { escaping.or_else(of_others) } else { escaping };
    MediaType { format, escaping: escaping.unwrap_or_default() }
}

/// An element of `Accept` that names a format of ours.
struct Element {
    /// Above 0.
    weight: u16,
    format: Format,
    /// If it names a known one.
    escaping: Option<Escaping>,
}

impl Element {
    /// `None` if it names no format of ours, is excluded by the weight 0, or is invalid.
    fn new(range: &str) -> Option<Self> {
        let mut parts = elements(range, ';');
        let name = parts.next().unwrap_or_default().trim();
        let (mut weight, mut escaping) = (Some(1000), None);
        let (mut version, mut proto, mut encoding) = (None, None, None);
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (name.trim(), value.trim().trim_matches('"'));
            if name.eq_ignore_ascii_case("q") {
                weight = quality(value);
            } else if name.eq_ignore_ascii_case("version") {
                version = Some(value);
            } else if name.eq_ignore_ascii_case("proto") {
                proto = Some(value);
            } else if name.eq_ignore_ascii_case("encoding") {
                encoding = Some(value);
            } else if name.eq_ignore_ascii_case("escaping") {
                escaping = Escaping::of_parameter(value);
            }
        }
        let is = |media_type: &str| name.eq_ignore_ascii_case(media_type);
        let format = if is("application/openmetrics-text") && matches!(version, None | Some("1.0.0")) {
            Format::OpenMetrics
        } else if is("text/plain") && matches!(version, None | Some("0.0.4")) {
            Format::Text
        } else if is("text/plain") && version == Some("1.0.0") {
            Format::TextV1
        } else if is("application/vnd.google.protobuf")
            && proto == Some("io.prometheus.client.MetricFamily")
            && encoding == Some("delimited")
        {
            Format::Protobuf
        } else {
            return None;
        };
        Some(Self { weight: weight.filter(|weight| *weight > 0)?, format, escaping })
    }
}

/// Whether an `Accept-Encoding` header allows gzip.
///
/// gzip must be named, or `*`, with a weight above zero. Without the header the response is not compressed.
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

    fn format(accept: Option<&str>) -> Format {
        media_type(accept).format
    }

    #[test]
    fn formats() {
        use Format::{OpenMetrics, Protobuf, Text, TextV1};
        const PROTOBUF: &str =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
        for (accept, expected) in [
            (PROMETHEUS, OpenMetrics),
            (PROMETHEUS_NATIVE, Protobuf),
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
            (PROTOBUF, Protobuf),
            (
                "Application/vnd.google.Protobuf ; Proto=\"io.prometheus.client.MetricFamily\" ; encoding=delimited",
                Protobuf,
            ),
            (&format!("{PROTOBUF};q=0.3,text/plain;q=0.2"), Protobuf),
            (&format!("{PROTOBUF};q=0.3,text/plain;q=0.3"), Text),
            (&format!("text/plain;q=0.1,{PROTOBUF};q=0.3,application/openmetrics-text;q=0.4"), OpenMetrics),
            (&format!("{PROTOBUF};q=0"), Text),
            ("application/vnd.google.protobuf", Text),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", Text),
            ("application/vnd.google.protobuf;proto=io.prometheus.write.v2.Request;encoding=delimited", Text),
            ("text/plain;version=1.0.0", TextV1),
            ("text/plain;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.3", Text),
            ("text/plain;version=1.0.0,text/plain;version=0.0.4", TextV1),
            ("text/plain;version=2.0.0", Text),
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
    fn escapings() {
        use Escaping::{AllowUtf8, Dots, Underscores, Values};
        for (accept, escaping, content_type) in [
            ("", Underscores, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"),
            (PROMETHEUS, AllowUtf8, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"),
            ("text/plain;version=1.0.0;escaping=dots", Dots, "text/plain; version=1.0.0; charset=utf-8; escaping=dots"),
            (
                "text/plain;version=0.0.4;escaping=\"values\"",
                Values,
                "text/plain; version=0.0.4; charset=utf-8; escaping=values",
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8",
                AllowUtf8,
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=allow-utf-8",
            ),
            (
                PROMETHEUS_NATIVE,
                Underscores,
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores",
            ),
            (
                &PROMETHEUS_NATIVE.replace(";version=1.0.0", ";version=1.0.0;escaping=allow-utf-8"),
                AllowUtf8,
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=allow-utf-8",
            ),
            // The escaping of an element that is not selected, and an unknown escaping, are ignored.
            (
                "text/plain;version=1.0.0;escaping=dots;q=0.1,text/plain;version=0.0.4",
                Underscores,
                "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
            ),
            (
                "text/plain;version=1.0.0;escaping=UTF-8\r\nx: y",
                Underscores,
                "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
            ),
        ] {
            let selected = media_type(Some(accept));
            assert_eq!((selected.escaping, selected.content_type()), (escaping, content_type), "{accept:?}");
        }
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
            let _ = (media_type(Some(&header)), gzip(Some(&header)));
        }

        /// Elements in any order, with any parameters: the response is one of ours, and no element of ours has a higher weight.
        #[test]
        fn the_answer_is_an_element_with_the_highest_weight(
            elements in prop::collection::vec(
                (
                    "(text/plain|application/openmetrics-text|application/vnd.google.protobuf|\\*/\\*|text/html)",
                    prop::collection::vec(
                        "(version=(0.0.4|1.0.0|2)|escaping=(allow-utf-8|dots|values|underscores|[a-z]{0,3})|proto=io.prometheus.client.MetricFamily|encoding=delimited|[a-z=;\"\\\\, ]{0,6})",
                        0..5,
                    ),
                    0u16..=1000,
                ),
                0..6,
            ),
        ) {
            let ranges: Vec<String> = elements
                .iter()
                .map(|(name, parameters, weight)| {
                    format!("{name};{};q={}.{:03}", parameters.join(";"), weight / 1000, weight % 1000)
                })
                .collect();
            let header = ranges.join(",");
            let selected = media_type(Some(&header));
            let ours: Vec<_> = super::elements(&header, ',').filter_map(Element::new).collect();
            let highest = ours.iter().map(|element| element.weight).max();
            let best = |element: &&Element| Some(element.weight) == highest && element.format == selected.format;
            match ours.iter().find(best) {
                None => prop_assert!(ours.is_empty() && selected == MediaType::default(), "{}", header),
                Some(element) if element.format != Format::Protobuf => {
                    prop_assert_eq!(selected.escaping, element.escaping.unwrap_or_default());
                }
                Some(_) => prop_assert!(
                    selected.escaping == Escaping::default()
                        || ours.iter().any(|element| element.escaping == Some(selected.escaping))
                ),
            }
            let escaping = selected.content_type().rsplit("; escaping=").next();
            prop_assert_eq!(escaping, Some(selected.escaping.parameter()));
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
