//! The names of metrics and labels in an exposition: translated from OpenTelemetry, then escaped for the scraper.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::catalog::name::{
    NameKind, bare_name, is_label_name, is_metric_name, label_name, prometheus_name, suffixed_name,
};
use crate::config::options::Translation;

/// How names are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The translation of the endpoint.
    pub translation: Translation,
    /// The escaping that the scraper accepts.
    pub escaping: Escaping,
}

/// The escaping of special characters, which are those that a classic Prometheus name cannot contain. It is the parameter `escaping` of `Accept`
/// and `Content-Type` ([UTF-8 escaping schemes][schemes]).
///
/// In three details this crate follows Prometheus' own libraries instead of that page, so a metric has the same name with each library: a name
/// without special characters is never changed, `dots` writes special characters other than the dot as `__`, and `values` has lower-case
/// hexadecimal digits.
///
/// [schemes]: https://prometheus.io/docs/instrumenting/escaping_schemes/
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Escaping {
    /// Names are not escaped.
    AllowUtf8,
    /// Each special character becomes an underscore.
    #[default]
    Underscores,
    /// A dot becomes `_dot_`, an underscore `__`, any other special character `__`.
    Dots,
    /// The name begins with `U__`. An underscore becomes `__`, any special character its code point in hexadecimal digits between
    /// underscores.
    Values,
}

impl Names {
    /// Whether names have the same form as in all other ways of export.
    pub(super) fn are_default(self) -> bool {
        self.translation == Translation::UnderscoreEscapingWithSuffixes
    }

    /// Whether a name may have characters that a classic one cannot have.
    pub(super) fn may_be_utf8(self) -> bool {
        use Translation::{NoTranslation, NoUtf8EscapingWithSuffixes};
        self.escaping == Escaping::AllowUtf8 && matches!(self.translation, NoTranslation | NoUtf8EscapingWithSuffixes)
    }

    /// The name of a metric. It is empty if there is no valid name.
    pub(super) fn metric(self, name: &str, unit: &str, kind: NameKind) -> String {
        match self.translation {
            Translation::UnderscoreEscapingWithSuffixes => prometheus_name(name, unit, kind),
            Translation::UnderscoreEscapingWithoutSuffixes => bare_name(name),
            Translation::NoUtf8EscapingWithSuffixes => self.escaping.metric(suffixed_name(name, unit, kind)),
            Translation::NoTranslation => self.escaping.metric(name.to_owned()),
        }
    }

    /// The name of the label of an attribute. It is empty for an empty key.
    pub(super) fn label(self, key: &str) -> Cow<'_, str> {
        match self.translation {
            Translation::UnderscoreEscapingWithSuffixes | Translation::UnderscoreEscapingWithoutSuffixes => {
                label_name(key)
            }
            Translation::NoUtf8EscapingWithSuffixes | Translation::NoTranslation => self.escaping.label(key),
        }
    }
}

impl Escaping {
    /// The value of the parameter `escaping`.
    pub(super) fn of_parameter(value: &str) -> Option<Self> {
        [Self::AllowUtf8, Self::Underscores, Self::Dots, Self::Values]
            .into_iter()
            .find(|escaping| escaping.parameter() == value)
    }

    pub(super) const fn parameter(self) -> &'static str {
        match self {
            Self::AllowUtf8 => "allow-utf-8",
            Self::Underscores => "underscores",
            Self::Dots => "dots",
            Self::Values => "values",
        }
    }

    fn metric(self, name: String) -> String {
        if is_metric_name(&name) { name } else { self.escape(&name, |c| c == ':') }
    }

    /// A label whose name begins with two underscores is reserved: `__name__` would rename the series. It gets the prefix `key`.
    fn label(self, key: &str) -> Cow<'_, str> {
        if is_label_name(key) {
            return Cow::Borrowed(key);
        }
        let name = self.escape(key, |_| false);
        if name.starts_with("__") { Cow::Owned(format!("key{name}")) } else { Cow::Owned(name) }
    }

    /// `is_also_valid` are the characters besides ASCII letters, digits and underscores that the name can have.
    fn escape(self, name: &str, is_also_valid: impl Fn(char) -> bool) -> String {
        if self == Self::AllowUtf8 || name.is_empty() {
            return name.to_owned();
        }
        let mut out = String::with_capacity(name.len() + 8);
        if self == Self::Values {
            out.push_str("U__");
        }
        for (at, c) in name.chars().enumerate() {
            let is_valid = c.is_ascii_alphabetic() || (c.is_ascii_digit() && at > 0) || is_also_valid(c);
            match (self, c) {
                _ if is_valid => out.push(c),
                (Self::Underscores | Self::AllowUtf8, _) => out.push('_'),
                (Self::Dots, '.') => out.push_str("_dot_"),
                (Self::Dots, _) | (Self::Values, '_') => out.push_str("__"),
                // Writing to a string does not fail.
                (Self::Values, c) => drop(write!(out, "_{:x}_", u32::from(c))),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Escaping; 4] = [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values];
    const UTF8: [Translation; 2] = [Translation::NoUtf8EscapingWithSuffixes, Translation::NoTranslation];

    fn names(translation: Translation, escaping: Escaping) -> Names {
        Names { translation, escaping }
    }

    /// The expected names are those of `EscapeName` in Go's `prometheus/common/model`, with its own test cases.
    #[test]
    fn names_are_escaped_as_in_other_client_libraries() {
        for (name, underscores, dots, values) in [
            ("no:escaping_required", "no:escaping_required", "no:escaping_required", "no:escaping_required"),
            (
                "mysystem.prod.west.cpu.load",
                "mysystem_prod_west_cpu_load",
                "mysystem_dot_prod_dot_west_dot_cpu_dot_load",
                "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load",
            ),
            (
                "mysystem.prod.west.cpu.load_total",
                "mysystem_prod_west_cpu_load_total",
                "mysystem_dot_prod_dot_west_dot_cpu_dot_load__total",
                "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total",
            ),
            ("http.status:sum", "http_status:sum", "http_dot_status:sum", "U__http_2e_status:sum"),
            ("label with 😱", "label_with__", "label__with____", "U__label_20_with_20__1f631_"),
            ("花火", "__", "____", "U___82b1__706b_"),
            ("1st", "_st", "__st", "U___31_st"),
        ] {
            let escaped =
                ALL.map(|escaping| names(Translation::NoTranslation, escaping).metric(name, "s", NameKind::Counter));
            assert_eq!(escaped, [name, underscores, dots, values]);
        }
    }

    #[test]
    fn labels_have_no_colon_and_no_reserved_name() {
        for (key, expected) in [
            (
                "http.request.method",
                [
                    "http.request.method",
                    "http_request_method",
                    "http_dot_request_dot_method",
                    "U__http_2e_request_2e_method",
                ],
            ),
            ("a:b_c", ["a:b_c", "a_b_c", "a__b__c", "U__a_3a_b__c"]),
            ("__name__", ["key__name__", "key__name__", "key____name____", "U______name____"]),
            ("é_name__", ["é_name__", "key__name__", "key____name____", "U___e9___name____"]),
            ("le", ["le"; 4]),
            ("", [""; 4]),
        ] {
            let escaped = ALL.map(|escaping| names(Translation::NoTranslation, escaping).label(key).into_owned());
            assert_eq!(escaped, expected);
        }
    }

    /// The expected names are those of Prometheus' `otlptranslator`.
    #[test]
    fn each_translation_has_its_names() {
        for (name, unit, kind, with_suffixes, without_suffixes, utf8) in [
            (
                "http.server.request.duration",
                "s",
                NameKind::Histogram,
                "http_server_request_duration_seconds",
                "http_server_request_duration",
                "http.server.request.duration_seconds",
            ),
            (
                "app.requests",
                "{request}",
                NameKind::Counter,
                "app_requests_total",
                "app_requests",
                "app.requests_total",
            ),
            (
                "app.requests.total",
                "1",
                NameKind::Counter,
                "app_requests_total",
                "app_requests_total",
                "app.requests_total",
            ),
            ("cache/hit-ratio", "1", NameKind::Gauge, "cache_hit_ratio", "cache_hit_ratio", "cache/hit_ratio"),
            ("disk.io", "By/s", NameKind::Gauge, "disk_io_bytes_per_second", "disk_io", "disk.io_bytes_per_second"),
            ("disk.seconds", "s", NameKind::Gauge, "disk_seconds", "disk_seconds", "disk.seconds"),
            ("a__b", "", NameKind::Gauge, "a_b", "a__b", "a__b"),
            ("total", "", NameKind::Counter, "total", "total", "total_total"),
        ] {
            let of = |translation| names(translation, Escaping::AllowUtf8).metric(name, unit, kind);
            assert_eq!(of(Translation::UnderscoreEscapingWithSuffixes), with_suffixes);
            assert_eq!(of(Translation::UnderscoreEscapingWithoutSuffixes), without_suffixes);
            assert_eq!(of(Translation::NoUtf8EscapingWithSuffixes), utf8);
            assert_eq!(of(Translation::NoTranslation), name);
        }
    }

    proptest! {
        #[test]
        fn an_escaped_name_is_a_classic_one(name in any::<String>(), unit in "s|By/s|1|\\{x\\}|") {
            for translation in UTF8 {
                for escaping in [Escaping::Underscores, Escaping::Dots, Escaping::Values] {
                    let names = names(translation, escaping);
                    let (metric, label) = (names.metric(&name, &unit, NameKind::Counter), names.label(&name));
                    prop_assert!(metric.is_empty() || is_metric_name(&metric), "{metric:?}");
                    prop_assert!(label.is_empty() || is_label_name(&label), "{label:?}");
                }
            }
        }

        /// Different keys have different labels where the scheme can be reversed.
        #[test]
        fn values_can_be_reversed(name in "[a-z._é😱 -]{1,12}") {
            prop_assume!(!is_metric_name(&name));
            let escaped = names(Translation::NoTranslation, Escaping::Values).metric(&name, "", NameKind::Gauge);
            let mut rest = escaped.strip_prefix("U__").expect("the prefix");
            let mut read = String::new();
            while let Some(c) = rest.chars().next() {
                rest = &rest[c.len_utf8()..];
                if c != '_' {
                    read.push(c);
                } else if let Some(after) = rest.strip_prefix('_') {
                    (rest, _) = (after, read.push('_'));
                } else {
                    let (code, after) = rest.split_once('_').expect("a code point ends");
                    read.push(char::from_u32(u32::from_str_radix(code, 16).expect("digits")).expect("a character"));
                    rest = after;
                }
            }
            prop_assert_eq!(read, name);
        }
    }
}
