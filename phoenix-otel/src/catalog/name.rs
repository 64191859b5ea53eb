//! Translates an OpenTelemetry name, unit and kind into a Prometheus name. No other module does this.
//!
//! The rules are those of the OTLP translation strategy `UnderscoreEscapingWithSuffixes`, as Prometheus' OTLP receiver and the
//! collector's Prometheus exporters apply them ([OpenTelemetry to Prometheus compatibility, "OTLP Metric points to Prometheus"][spec]).
//! So a series has the same name on a scrape and over OTLP.
//!
//! [spec]: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus

use std::borrow::Cow;

use super::unit::{main_word, per_word};

/// The kind of a metric, as far as the Prometheus name depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NameKind {
    /// A monotonic sum: the name ends in `_total`.
    Counter,
    /// A gauge: with unit `1` the name ends in `_ratio`.
    Gauge,
    /// A non-monotonic sum. Prometheus shows it as a gauge, but the unit `1` adds no suffix.
    UpDownCounter,
    /// A histogram, explicit or exponential.
    Histogram,
    /// A summary.
    Summary,
}

/// The Prometheus name of a metric, by the OTLP translation.
///
/// It is empty if the name has no letter, digit or colon and no suffix applies. Such a metric has no valid name.
///
/// `phoenix.llm.tokens`, `{token}`, a counter: `phoenix_llm_tokens_total`. `http.server.request.duration`, `s`, a histogram:
/// `http_server_request_duration_seconds`.
#[must_use]
pub(crate) fn prometheus_name(name: &str, unit: &str, kind: NameKind) -> String {
    let (main, per) = unit_words(unit);
    let last = last_word(unit, kind);
    let mut out = String::with_capacity(name.len() + main.len() + per.len() + last.len() + 4);
    let tokens = || name.split(|c: char| !is_name_char(c)).filter(|token| !token.is_empty());
    for token in tokens().filter(|token| *token != last) {
        push_token(&mut out, token);
    }
    let per = if tokens().any(|token| token == per) { "" } else { &*per };
    if !tokens().any(|token| token == main) && main != last {
        // Only before another unit word, a unit word loses its trailing underscore, as in the reference implementation.
        push_token(&mut out, if per.is_empty() { &main } else { main.strip_suffix('_').unwrap_or(&main) });
    }
    push_token(&mut out, per);
    push_token(&mut out, last);

    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// The name with the words of its unit and kind as suffixes, and otherwise unchanged: the OTLP translation strategy
/// `NoUTF8EscapingWithSuffixes`.
///
/// `http.server.request.duration`, `s`, a histogram: `http.server.request.duration_seconds`.
#[cfg(any(test, all(feature = "prometheus", not(target_family = "wasm"))))]
#[must_use]
pub(crate) fn suffixed_name(name: &str, unit: &str, kind: NameKind) -> String {
    let (main, per) = raw_unit_words(unit);
    let per = if per.is_empty() { String::new() } else { format!("per_{per}") };
    let last = last_word(unit, kind);
    let mut out = without_word(without_word(name, last), &per).to_owned();
    let main = if out.ends_with(main) { "" } else { main };
    for word in [main, &per, last].into_iter().filter(|word| !word.is_empty()) {
        out.push('_');
        out.push_str(word);
    }
    out
}

/// The name without suffixes, with underscores in place of the characters that are invalid in a classic name: the OTLP translation strategy
/// `UnderscoreEscapingWithoutSuffixes`.
#[cfg(any(test, all(feature = "prometheus", not(target_family = "wasm"))))]
#[must_use]
pub(crate) fn bare_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    name.split(|c: char| !is_name_char(c) && c != '_').for_each(|token| push_token(&mut out, token));
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// The unit in OpenMetrics' `# UNIT` line (`seconds`, `bytes_per_second`, `ratio`), or empty.
///
/// The line is valid only if the family's name ends with the unit. The encoder checks that.
#[cfg(any(test, all(feature = "prometheus", not(target_family = "wasm"))))]
#[must_use]
pub(crate) fn prometheus_unit(unit: &str, kind: NameKind) -> String {
    if unit == "1" && kind == NameKind::Gauge {
        return "ratio".to_owned();
    }
    let (main, per) = unit_words(unit);
    let mut out = main.into_owned();
    push_token(&mut out, &per);
    out.truncate(out.trim_end_matches('_').len());
    out
}

/// The OpenTelemetry names of a summary's sum and count. `name` and `unit` are those of the gauge of quantiles.
///
/// As non-monotonic sums without a unit, they become `…_sum` and `…_count` of the summary's Prometheus name, as in a scrape:
/// `phoenix.api.latency` with unit `s` gives `phoenix.api.latency.seconds.sum`.
#[must_use]
pub(crate) fn summary_parts(name: &str, unit: &str) -> [String; 2] {
    let (whole, bare) = (prometheus_name(name, unit, NameKind::Summary), prometheus_name(name, "", NameKind::Summary));
    // The unit's word must precede `sum` or `count`. It is empty if the name already contains it.
    let word = whole.strip_prefix(&bare).unwrap_or_default().trim_start_matches('_');
    let dot = if word.is_empty() { "" } else { "." };
    ["sum", "count"].map(|part| format!("{name}{dot}{word}.{part}"))
}

/// The Prometheus label name of an attribute key.
///
/// Characters other than `[a-zA-Z0-9_]` become `_`. A key with a leading digit gets the prefix `key_`, one with a leading underscore the
/// prefix `key`. The reference implementation does not change keys that begin with two underscores. This crate adds the prefix to them, too,
/// because such names are reserved in an exposition: a label `__name__` would rename the series. The result is empty for an empty key.
#[must_use]
pub fn label_name(key: &str) -> Cow<'_, str> {
    let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    match key.chars().next() {
        None => Cow::Borrowed(""),
        Some(first) if plain && first.is_ascii_alphabetic() => Cow::Borrowed(key),
        Some(first) => {
            let mut out = String::with_capacity(key.len() + 4);
            if first.is_ascii_digit() {
                out.push_str("key_");
            } else if !first.is_ascii_alphabetic() {
                out.push_str("key");
            }
            out.extend(key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }));
            Cow::Owned(out)
        }
    }
}

/// The prefix of labels from attributes of the scope.
#[allow(dead_code, reason = "for exporters that may not be built in")]
pub(crate) const SCOPE_PREFIX: &str = "otel_scope_";

/// Whether an attribute of a scope is skipped because its label would be that of the scope's name, version or schema URL.
#[allow(dead_code, reason = "for exporters that may not be built in")]
pub(crate) fn is_reserved_of_scope(key: &str) -> bool {
    ["name", "version", "schema_url"].contains(&&*label_name(key))
}

/// Whether a string is a valid metric name in the text formats: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
#[cfg(any(test, all(feature = "prometheus", not(target_family = "wasm"))))]
#[must_use]
pub(crate) fn is_metric_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':')
}

/// Whether a string is a valid label name: `[a-zA-Z_][a-zA-Z0-9_]*`, and not one of the reserved `__` names.
#[cfg(any(test, all(feature = "prometheus", not(target_family = "wasm"))))]
#[must_use]
pub(crate) fn is_label_name(name: &str) -> bool {
    is_metric_name(name) && !name.contains(':') && !name.starts_with("__")
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == ':'
}

fn push_token(out: &mut String, token: &str) {
    if token.is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push('_');
    }
    out.push_str(token);
}

/// The word that occurs at most once in a name, at its end.
fn last_word(unit: &str, kind: NameKind) -> &'static str {
    match kind {
        NameKind::Counter => "total",
        NameKind::Gauge if unit == "1" => "ratio",
        _ => "",
    }
}

/// The name without this last word and the character before it.
#[cfg(any(test, all(feature = "prometheus", not(target_family = "wasm"))))]
fn without_word<'n>(name: &'n str, word: &str) -> &'n str {
    let before = name.strip_suffix(word).filter(|_| !word.is_empty()).map(str::char_indices);
    match before.and_then(|mut before| before.next_back()) {
        Some((at, _)) if at > 0 => &name[..at],
        _ => name,
    }
}

/// The words of a unit before and after its slash (`By/s` → `bytes`, `second`). An annotation (`{…}`) has none.
fn raw_unit_words(unit: &str) -> (&str, &str) {
    let (main, per) = unit.split_once('/').unwrap_or((unit, ""));
    let is_annotation = |text: &str| text.contains(['{', '}']);
    let (main, per) = (main.trim(), per.trim());
    (if is_annotation(main) { "" } else { main_word(main) }, if is_annotation(per) { "" } else { per_word(per) })
}

/// The same words in valid characters, the second one with `per_`.
fn unit_words(unit: &str) -> (Cow<'_, str>, Cow<'_, str>) {
    let (main, per) = raw_unit_words(unit);
    let per = clean(per);
    let per = per.strip_suffix('_').unwrap_or(&per);
    let per = if per.is_empty() { Cow::Borrowed("") } else { Cow::Owned(format!("per_{per}")) };
    (clean(main), per)
}

/// Makes an unknown unit valid: other characters become underscores, runs of underscores collapse, a leading one is removed.
fn clean(unit: &str) -> Cow<'_, str> {
    if unit.chars().all(is_name_char) {
        return Cow::Borrowed(unit);
    }
    let mut out = String::with_capacity(unit.len());
    for c in unit.chars() {
        if is_name_char(c) {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;
