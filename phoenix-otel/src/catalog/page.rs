//! Writes a page of metrics, such as `docs/metrics.md`.

use std::fmt::Write;

use super::def::{Kind, MetricDef};
use super::labels::LabelDef;

/// Writes the definitions as Markdown: a table for each declaring module, sorted by module and name.
///
/// The names are Prometheus names, with the namespace `phoenix`, and `<subsystem>` and `<edge>` for configured parts.
///
/// ```
/// use phoenix_otel::catalog::page;
///
/// phoenix_otel::metrics! {
///     /// Orders placed.
///     pub static ORDERS: Counter { country: &str } = "acme.orders" { unit: "{order}", cap: 200 };
/// }
///
/// let page = page::markdown([ORDERS::DEF]);
/// assert!(page.contains("| `acme_orders_total` | counter | `country` | Orders placed. Up to 200 series. |"));
/// ```
///
/// A test that keeps such a page up to date compares it with the page of [`declared`](crate::declared).
pub fn markdown<'d>(defs: impl IntoIterator<Item = &'d MetricDef>) -> String {
    let mut defs: Vec<_> = defs.into_iter().map(|def| (def.module, name(def), def)).collect();
    defs.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let mut page = String::new();
    let mut module = None;
    for (of, name, def) in defs {
        if module.replace(of) != Some(of) {
            let blank = if page.is_empty() { "" } else { "\n" };
            let _ = writeln!(page, "{blank}## `{of}`\n\n| name | type | labels | |\n|---|---|---|---|");
        }
        let labels: Vec<String> = def.labels.iter().map(label).collect();
        let labels = if labels.is_empty() { "–".to_owned() } else { labels.join(", ") };
        let _ = writeln!(page, "| `{name}` | {} | {labels} | {} |", kind(def), notes(def));
    }
    page
}

fn name(def: &MetricDef) -> String {
    // A placeholder is not valid in a name, so a word replaces it during the translation.
    let words = [("{subsystem}", "PLACESUBSYSTEM", "<subsystem>"), ("{edge}", "PLACEEDGE", "<edge>")];
    let name = words.iter().fold(def.name.to_owned(), |name, (token, word, _)| name.replace(token, word));
    words.iter().fold(def.prometheus_name(&name), |name, (_, word, shown)| name.replace(word, shown))
}

/// The type in Prometheus.
pub(super) fn kind(def: &MetricDef) -> &'static str {
    match def.kind {
        Kind::Counter => "counter",
        Kind::UpDownCounter | Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
        Kind::Summary => "summary",
    }
}

fn label(label: &LabelDef) -> String {
    // As Prometheus writes it.
    let name = super::name::label_name(label.name);
    match label.values {
        Some(values) => format!("`{name}`: {}", values.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(" ")),
        None => format!("`{name}`"),
    }
}

fn notes(def: &MetricDef) -> String {
    let mut notes = def.description.replace('|', "\\|");
    if def.kind == Kind::Histogram {
        let bounds: Vec<String> = def.bounds.iter().map(f64::to_string).collect();
        let _ = write!(notes, " Bounds: {}.", bounds.join(" "));
    }
    if !def.is_closed() {
        let _ = write!(notes, " Up to {} series.", def.cap);
    }
    notes
}
