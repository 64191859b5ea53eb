//! The boards against the catalog: every query uses existing metrics, and every metric has a panel.

use std::collections::{BTreeMap, BTreeSet};

use phoenix_otel::MetricDef;
use phoenix_otel::catalog::Kind;
use phoenix_otel_tests::boards::all;
use phoenix_otel_tests::catalog::ours;

/// Modules of the catalog without panels, with the reason.
const NOT_SHOWN: [(&str, &str); 3] = [
    ("phoenix_otel::catalog::semconv", "a layer records them only if they are switched on, for boards of others"),
    ("phoenix_otel::catalog::semconv_rpc", "the same"),
    (
        "phoenix_otel::catalog::sdk_spans",
        "they exist where spans are exported, and the platform of the boards exports none",
    ),
];

/// Series that Prometheus creates.
const OF_PROMETHEUS: [&str; 3] = ["up", "ALERTS", "target_info"];

/// Own metrics of the collectors. `platform_stack` checks that they exist.
const OF_THE_COLLECTOR: [&str; 6] = [
    "otelcol_receiver_accepted_metric_points_total",
    "otelcol_receiver_refused_metric_points_total",
    "otelcol_exporter_sent_metric_points_total",
    "otelcol_exporter_queue_size",
    "otelcol_exporter_queue_capacity",
    "otelcol_process_memory_rss_bytes",
];

/// The prefixes of our metrics.
const OURS: [&str; 5] = ["phoenix_", "process_", "tokio_", "otel_", "system_"];

/// Returns the series names of a metric in Prometheus.
fn series(def: &MetricDef, subsystem: &str) -> Vec<String> {
    let name = def.name.replace("{subsystem}", subsystem).replace("{edge}", "service");
    let name = def.prometheus_name(&name);
    match def.kind {
        Kind::Histogram => ["_bucket", "_sum", "_count"].iter().map(|suffix| format!("{name}{suffix}")).collect(),
        Kind::Summary => ["", "_sum", "_count"].iter().map(|suffix| format!("{name}{suffix}")).collect(),
        _ => vec![name],
    }
}

/// Returns every series of the catalog with its labels, by name.
fn catalog() -> BTreeMap<String, (&'static MetricDef, BTreeSet<String>)> {
    let subsystems = ["orchestrator", "data_router", "llm", "kb", "safety", "executor"];
    let mut known = BTreeMap::new();
    for def in ours() {
        for subsystem in subsystems {
            for name in series(def, subsystem) {
                let labels = def.labels.iter().map(|label| label.name.replace('.', "_"));
                let given = ["service", "version", "job", "instance"].map(str::to_owned);
                let mut labels: BTreeSet<String> = labels.chain(given).collect();
                if name.ends_with("_bucket") {
                    labels.insert("le".to_owned());
                }
                if def.kind == Kind::Summary {
                    labels.insert("quantile".to_owned());
                }
                // A metric of the domain comes before a metric of functions with the same name.
                let own = !def.name.contains("{subsystem}");
                if own || !known.contains_key(&name) {
                    known.insert(name, (def, labels));
                }
            }
        }
    }
    known
}

/// Returns the words of an expression that can be names, without those in quotes.
fn words(expr: &str) -> Vec<String> {
    let mut outside = String::new();
    for (n, part) in expr.split('"').enumerate() {
        if n % 2 == 0 {
            outside.push_str(part);
        }
    }
    outside.split(|c: char| !c.is_ascii_alphanumeric() && !"_:$".contains(c)).map(str::to_owned).collect()
}

#[test]
fn boards_query_metrics_that_exist() {
    let known = catalog();
    let labels_of_all: BTreeSet<&String> = known.values().flat_map(|(_, labels)| labels).collect();
    let mut wrong = Vec::new();
    for (file, board) in all() {
        for row in &board.rows {
            for panel in board.panels(row) {
                for query in &panel.queries {
                    let words = words(&query.expr);
                    let ours = |word: &&String| OURS.iter().any(|start| word.starts_with(start));
                    let asked: Vec<&String> =
                        words.iter().filter(ours).filter(|word| !labels_of_all.contains(word)).collect();
                    for name in &asked {
                        if !known.contains_key(*name) {
                            wrong.push(format!("{file}: {}: there is no metric {name}", panel.title));
                        }
                    }
                    // The labels in the legend must be labels of the metric.
                    let labels: BTreeSet<&String> =
                        asked.iter().filter_map(|name| known.get(*name)).flat_map(|(_, labels)| labels).collect();
                    let named = query.legend.split("{{").skip(1).filter_map(|rest| rest.split_once("}}"));
                    for (label, _) in named {
                        let is_label = asked.is_empty() || labels.iter().any(|has| *has == label);
                        if !is_label {
                            wrong.push(format!("{file}: {}: {label} is not a label of {asked:?}", panel.title));
                        }
                    }
                    let is_known = !asked.is_empty()
                        || words.iter().any(|word| {
                            let word = &**word;
                            word.contains(':') || OF_PROMETHEUS.contains(&word) || OF_THE_COLLECTOR.contains(&word)
                        });
                    if !is_known {
                        wrong.push(format!("{file}: {}: the query uses no known metric: {}", panel.title, query.expr));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn boards_query_recorded_series_and_link_runbooks_that_exist() {
    let repository = phoenix_otel_tests::tools::repository();
    let rules = repository.join("collector/prometheus/rules");
    let mut recorded = BTreeSet::new();
    for entry in std::fs::read_dir(rules).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        recorded.extend(text.lines().filter_map(|line| Some(line.split_once("record: ")?.1.trim().to_owned())));
    }
    for (file, board) in all() {
        for panel in board.rows.iter().flat_map(|row| board.panels(row)) {
            for word in panel.queries.iter().flat_map(|query| words(&query.expr)).filter(|word| word.contains(':')) {
                assert!(recorded.contains(&word), "{file}: {}: no rule records {word}", panel.title);
            }
            if let Some(alert) = &panel.runbook {
                let page = repository.join(format!("docs/runbooks/{alert}.md"));
                assert!(page.exists(), "{file}: {}: there is no {}", panel.title, page.display());
            }
        }
    }
}

#[test]
fn every_metric_has_a_panel() {
    let known = catalog();
    let mut shown = BTreeSet::new();
    for (_, board) in all() {
        for row in &board.rows {
            for query in board.panels(row).iter().flat_map(|panel| &panel.queries) {
                shown.extend(words(&query.expr).iter().filter_map(|word| known.get(word)).map(|(def, _)| def.name));
            }
        }
    }
    let exempt = |module: &str| NOT_SHOWN.iter().any(|(exempt, _)| *exempt == module);
    let names: BTreeSet<&str> =
        known.values().filter(|(def, _)| !exempt(def.module)).map(|(def, _)| def.name).collect();
    let missing: Vec<&&str> = names.iter().filter(|name| !shown.contains(**name)).collect();
    assert!(missing.is_empty(), "no board shows {missing:#?}: add a panel, or name it in NOT_SHOWN with the reason");
}
