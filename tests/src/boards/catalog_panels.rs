//! Generates a panel for each metric of a domain.

use phoenix_otel::MetricDef;
use phoenix_otel::catalog::Kind;

use super::{Panel, Query};
use crate::catalog;

/// The domain of instrumented functions, whose metrics each service has under its own subsystem.
const FUNCTION: &str = "function";

/// Returns the panels of a domain. `function:llm` stands for the instrumented functions of the subsystem `llm`.
pub(super) fn panels(domain: &str) -> Vec<Panel> {
    let (domain, subsystem) = domain.split_once(':').unwrap_or((domain, ""));
    let mut defs: Vec<&MetricDef> = catalog::ours().filter(|def| catalog::part(def) == domain).collect();
    assert!(!defs.is_empty(), "the catalog has no domain `{domain}`");
    if domain == FUNCTION {
        // If a subsystem has a counter `requests` of its own, the calls of its functions have the counter `calls`.
        let apart = catalog::ours().any(|def| def.name == format!("phoenix.{subsystem}.requests"));
        let other = if apart { "phoenix.{subsystem}.requests" } else { "phoenix.{subsystem}.calls" };
        defs.retain(|def| def.name != other);
    }
    defs.sort_by_key(|def| def.name);
    defs.iter().map(|def| panel(def, subsystem)).collect()
}

fn panel(def: &MetricDef, subsystem: &str) -> Panel {
    let name = def.name.replace("{subsystem}", subsystem).replace("{edge}", "service");
    let name = def.prometheus_name(&name);
    let own_service = def.labels.iter().any(|label| label.name == "service");
    let selected = if own_service { "$selected_by_dependency" } else { "$selected" };
    let labels: Vec<String> = def.labels.iter().map(|label| label.name.replace('.', "_")).collect();
    let by = if own_service { labels.clone() } else { [vec!["service".to_owned()], labels.clone()].concat() };
    let (by, legend) = (by.join(", "), by.iter().map(|label| format!("{{{{{label}}}}}")).collect::<Vec<_>>().join(" "));
    let queries = match def.kind {
        Kind::Counter => vec![query(format!("sum by ({by}) (rate({name}{{{selected}}}[$__rate_interval]))"), &legend)],
        Kind::UpDownCounter => vec![query(format!("sum by ({by}) ({name}{{{selected}}})"), &legend)],
        Kind::Gauge => vec![query(format!("max by ({by}) ({name}{{{selected}}})"), &legend)],
        Kind::Summary => vec![query(
            format!("max by ({by}, quantile) ({name}{{{selected},quantile=~\"0.5|0.95|0.99\"}})"),
            &format!("{legend} {{{{quantile}}}}"),
        )],
        Kind::Histogram => {
            let quantile = |q: &str| {
                let expr = format!(
                    "histogram_quantile({q}, sum by ({by}, le) (rate({name}_bucket{{{selected}}}[$__rate_interval])))"
                );
                Query { exemplars: true, ..query(expr, &format!("{legend} {q}")) }
            };
            vec![quantile("0.5"), quantile("0.95")]
        }
    };
    Panel {
        title: title(&name, subsystem),
        description: format!("{} `{name}`.", def.description),
        kind: "timeseries".to_owned(),
        unit: unit(def).to_owned(),
        width: 8,
        queries,
        thresholds: Vec::new(),
        mappings: Vec::new(),
        max: None,
        runbook: None,
    }
}

fn query(expr: String, legend: &str) -> Query {
    Query { expr, legend: legend.to_owned(), exemplars: false }
}

/// Words in names, and their replacements in titles. The first match is used.
const WORDS: [(&str, &str); 26] = [
    ("requests active", "in-flight requests"),
    ("kb", "knowledge base"),
    ("llm", "LLM"),
    ("cost dollars", "cost"),
    ("size entries", "size"),
    ("entries count", "entries"),
    ("results count", "results"),
    ("process cpu time", "CPU usage"),
    ("process memory usage", "resident memory"),
    ("process memory virtual", "virtual memory"),
    ("process paging faults", "page faults"),
    ("process thread count", "threads"),
    ("process unix file descriptor count", "open file descriptors"),
    ("process uptime", "uptime"),
    ("tokio runtime", "Tokio"),
    ("workers busy", "busy workers"),
    ("workers parks", "worker parks"),
    ("otel sdk exporter metric data point exported", "exported data points"),
    ("otel sdk exporter operation duration", "export duration"),
    ("otel sdk metric reader collection duration", "collection duration"),
    ("otel last export timestamp", "last successful export"),
    ("otel dropped", "dropped values"),
    ("otel overflow", "overflow measurements"),
    ("otel scrape duration", "scrape duration"),
    ("otel scrapes", "scrapes"),
    ("otel series", "series"),
];

/// Returns a title: `phoenix_llm_cost_dollars_total` gives `LLM cost`. For functions without a domain, the board names their service.
fn title(name: &str, subsystem: &str) -> String {
    let words: Vec<&str> = name.split('_').filter(|word| !["total", "seconds", "bytes"].contains(word)).collect();
    let words = words.strip_prefix(&["phoenix"]).unwrap_or(&words).join(" ");
    let words = words.strip_prefix(&subsystem.replace('_', " ")).unwrap_or(&words);
    let replace = |text: String, (from, to): (&str, &str)| text.replace(&format!(" {from} "), &format!(" {to} "));
    let text = WORDS.into_iter().fold(format!(" {} ", words.trim()), replace);
    let mut chars = text.trim().chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

fn unit(def: &MetricDef) -> &'static str {
    match (def.kind, def.unit) {
        (Kind::Counter, "s") => "percentunit",
        (Kind::Counter, "By") => "Bps",
        (Kind::Counter, "{request}" | "{call}" | "{query}") => "reqps",
        (Kind::Counter, "{USD}") => "currencyUSD",
        (Kind::Counter, _) => "ops",
        (_, "s") if def.name.ends_with("timestamp") => "dateTimeAsIso",
        (_, "s") => "s",
        (_, "By") => "bytes",
        (_, "1") => "percentunit",
        _ => "short",
    }
}
