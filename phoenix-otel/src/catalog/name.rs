//! Names: what an OpenTelemetry name, unit and kind become in Prometheus. Here and nowhere else.
//!
//! The rules are those of the OTLP translation strategy `UnderscoreEscapingWithSuffixes`, as Prometheus' OTLP
//! receiver and the collector's Prometheus exporters apply them ([OpenTelemetry to Prometheus compatibility, "OTLP
//! Metric points to Prometheus"][spec]). A series therefore has the same name whichever way it travels.
//!
//! [spec]: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus

use std::borrow::Cow;

use super::unit::{main_word, per_word};

/// What a metric is, as far as its Prometheus name depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NameKind {
    /// A monotonic sum: the name ends in `_total`.
    Counter,
    /// A gauge: with unit `1` the name ends in `_ratio`.
    Gauge,
    /// A sum that may fall. It is shown as a gauge, but its unit `1` adds nothing.
    UpDownCounter,
    /// A histogram, explicit or exponential.
    Histogram,
    /// A summary.
    Summary,
}

/// The Prometheus name of a metric, by the OTLP translation.
///
/// Empty when the name holds no letter, digit or colon and no suffix applies; such a metric has no legal name.
///
/// `phoenix.llm.tokens`, `{token}`, a counter: `phoenix_llm_tokens_total`. `http.server.request.duration`, `s`, a histogram:
/// `http_server_request_duration_seconds`.
#[must_use]
pub(crate) fn prometheus_name(name: &str, unit: &str, kind: NameKind) -> String {
    let (main, per) = unit_words(unit);
    // These two words hold a suffix's place: they may stand once, and only at the end.
    let last = match kind {
        NameKind::Counter => "total",
        NameKind::Gauge if unit == "1" => "ratio",
        _ => "",
    };

    let mut out = String::with_capacity(name.len() + main.len() + per.len() + last.len() + 4);
    let tokens = || name.split(|c: char| !is_name_char(c)).filter(|token| !token.is_empty());
    for token in tokens().filter(|token| *token != last) {
        push_token(&mut out, token);
    }
    let per = if tokens().any(|token| token == per) { "" } else { &*per };
    if !tokens().any(|token| token == main) && main != last {
        // A unit word that ends in an underscore loses it only before another unit word: so does the reference.
        push_token(&mut out, if per.is_empty() { &main } else { main.strip_suffix('_').unwrap_or(&main) });
    }
    push_token(&mut out, per);
    push_token(&mut out, last);

    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// The unit's word as OpenMetrics' `# UNIT` line has it (`seconds`, `bytes_per_second`, `ratio`), or nothing.
///
/// A family may carry it only where its name ends in it, which is for the encoder to check.
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

/// The OpenTelemetry names of a summary's sum and count, where its quantiles are a gauge called `name` with this unit.
///
/// As sums that may fall, without a unit, they become `…_sum` and `…_count` of the summary's own Prometheus name, as a scrape has them:
/// `phoenix.api.latency` with unit `s` gives `phoenix.api.latency.seconds.sum`.
#[must_use]
pub(crate) fn summary_parts(name: &str, unit: &str) -> [String; 2] {
    let (whole, bare) = (prometheus_name(name, unit, NameKind::Summary), prometheus_name(name, "", NameKind::Summary));
    // What the unit adds has to stand before the part's own word. It adds nothing where the name has it already.
    let word = whole.strip_prefix(&bare).unwrap_or_default().trim_start_matches('_');
    let dot = if word.is_empty() { "" } else { "." };
    ["sum", "count"].map(|part| format!("{name}{dot}{word}.{part}"))
}

/// The Prometheus label name of an attribute key.
///
/// What is not `[a-zA-Z0-9_]` becomes `_`; a leading digit gets `key_`, a leading underscore `key`. The reference lets keys
/// that begin with two underscores pass; here they get the prefix too, because such names are reserved in an
/// exposition: a label `__name__` would rename the series. Empty for an empty key.
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

/// What the name of a label begins with that is an attribute of the metric's scope.
#[allow(dead_code, reason = "for exporters that may not be built in")]
pub(crate) const SCOPE_PREFIX: &str = "otel_scope_";

/// Whether an attribute of a scope makes no label, since its label's name is that of the scope's own name, version or schema.
#[allow(dead_code, reason = "for exporters that may not be built in")]
pub(crate) fn is_reserved_of_scope(key: &str) -> bool {
    ["name", "version", "schema_url"].contains(&&*label_name(key))
}

/// Whether a string may stand as a metric's name in the text formats: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
#[cfg(any(test, all(feature = "prometheus", not(target_family = "wasm"))))]
#[must_use]
pub(crate) fn is_metric_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':')
}

/// Whether a string may stand as a label's name: `[a-zA-Z_][a-zA-Z0-9_]*`, and not one of the reserved `__` names.
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

/// The words of a unit before and after its slash (`By/s` → `bytes`, `per_second`). An annotation (`{…}`) has none.
fn unit_words(unit: &str) -> (Cow<'_, str>, Cow<'_, str>) {
    let (main, per) = unit.split_once('/').unwrap_or((unit, ""));
    let main = main.trim();
    let main = if is_annotated(main) { Cow::Borrowed("") } else { clean(main_word(main)) };
    let per = per.trim();
    if per.is_empty() || is_annotated(per) {
        return (main, Cow::Borrowed(""));
    }
    let per = clean(per_word(per));
    let per = per.strip_suffix('_').unwrap_or(&per);
    if per.is_empty() { (main, Cow::Borrowed("")) } else { (main, Cow::Owned(format!("per_{per}"))) }
}

fn is_annotated(unit: &str) -> bool {
    unit.contains(['{', '}'])
}

/// An unknown unit made legal: foreign characters become underscores, runs collapse, a leading one goes.
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
