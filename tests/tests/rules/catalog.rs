//! Rules use only metrics, labels and values that exist.

use std::collections::{BTreeMap, BTreeSet};

use phoenix_otel_tests::catalog::ours;
use phoenix_otel_tests::contract::{Contract, Kind, Row, Values};
use phoenix_otel_tests::promql::{self, Expression, Selector};
use phoenix_otel_tests::rules::{self, Rule, loaded};

use crate::with_rules;

/// Labels that every sample can have: those of the emitter, the mark of the overflow series, and the tier of a collector.
const OF_THE_EMITTER: [&str; 6] = ["service", "version", "instance", "job", "otel_metric_overflow", "tier"];

/// Metrics of other programs, with the labels that rules may use, and their meaning.
const OF_OTHERS: [(&str, &[&str], &str); 12] = [
    ("up", &[], "Prometheus: whether a scrape succeeded"),
    ("prometheus_rule_evaluation_failures_total", &["rule_group"], "Prometheus: failed rule evaluations"),
    ("prometheus_notifications_errors_total", &["alertmanager"], "Prometheus: alerts that it could not send"),
    ("prometheus_notifications_alertmanagers_discovered", &[], "Prometheus: number of discovered Alertmanagers"),
    ("otelcol_receiver_refused_metric_points_total", &["receiver", "transport"], "the collector at its memory limit"),
    ("otelcol_receiver_refused_spans_total", &["receiver", "transport"], "the collector at its memory limit"),
    ("otelcol_exporter_send_failed_metric_points_total", &["exporter"], "the collector: failed to send"),
    ("otelcol_exporter_send_failed_spans_total", &["exporter"], "the collector: failed to send"),
    ("otelcol_exporter_enqueue_failed_metric_points_total", &["exporter"], "the collector: queue full"),
    ("otelcol_exporter_enqueue_failed_spans_total", &["exporter"], "the collector: queue full"),
    ("otelcol_exporter_queue_size", &["exporter"], "the collector: size of the queue"),
    ("otelcol_exporter_queue_capacity", &["exporter"], "the collector: capacity of the queue"),
];

#[test]
fn rules_use_metrics_and_labels_that_exist() {
    let prometheus = with_rules();
    let rules: Vec<(Rule, Expression)> = loaded(&prometheus)
        .into_iter()
        .map(|rule| {
            let expression = promql::parse(&prometheus, &rule.query).unwrap_or_else(|e| panic!("{}: {e}", rule.name));
            (rule, expression)
        })
        .collect();
    assert!(rules.len() > 100, "only {} rules were read", rules.len());

    let known = Known::new(&rules);
    let mut wrong = Vec::new();
    let mut asked = BTreeSet::new();
    for (rule, expression) in &rules {
        wrong.extend(known.wrong(expression).into_iter().map(|what| format!("{}: {what}", rule.name)));
        asked.extend(expression.selectors.iter().flat_map(|selector| selector.names.iter().map(String::as_str)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let idle: Vec<&str> = OF_OTHERS.iter().map(|(name, ..)| *name).filter(|name| !asked.contains(name)).collect();
    assert!(idle.is_empty(), "no rule reads these metrics; remove them from OF_OTHERS: {idle:?}");
}

/// If the default aggregation of histograms is exponential, these keep their buckets, and no others.
#[test]
fn the_histograms_whose_buckets_rules_read_have_fixed_bounds() {
    let prometheus = with_rules();
    let read: BTreeSet<String> = loaded(&prometheus)
        .iter()
        .map(|rule| promql::parse(&prometheus, &rule.query).unwrap_or_else(|e| panic!("{}: {e}", rule.name)))
        .flat_map(|expression| expression.selectors)
        .flat_map(|selector| selector.names)
        .filter(|name| !name.contains(':'))
        .filter_map(|name| name.strip_suffix("_bucket").map(str::to_owned))
        .collect();
    assert!(read.len() > 5, "{read:?}");
    const ANY: &str = "ANY";
    let histograms: Vec<_> = ours().filter(|def| def.kind == phoenix_otel::catalog::Kind::Histogram).collect();
    let names: Vec<_> = histograms
        .iter()
        .map(|def| def.prometheus_name(&def.name.replace("{subsystem}", ANY).replace("{edge}", "service")))
        .collect();
    // The subsystem is the only part of a name that differs.
    let is_named = |name: &str, read: &str| match name.split_once(ANY) {
        Some((before, after)) => read.starts_with(before) && read.ends_with(after),
        None => name == read,
    };
    for read in &read {
        let of = histograms.iter().zip(&names).filter(|(_, name)| is_named(name, read));
        let fixed: Vec<bool> = of.map(|(def, _)| def.fixed_bounds).collect();
        assert!(!fixed.is_empty() && fixed.iter().all(|fixed| *fixed), "rules read the buckets of {read}");
    }
    for (def, name) in histograms.iter().zip(&names).filter(|(def, _)| def.fixed_bounds) {
        assert!(read.iter().any(|read| is_named(name, read)), "no rule reads the buckets of {}", def.name);
    }
}

#[test]
fn unknown_metrics_labels_and_values_are_found() {
    let prometheus = with_rules();
    let known = Known::new(&[]);
    for (promql, found) in [
        ("rate(phoenix_service_request_total[5m])", "no metric phoenix_service_request_total"),
        ("sum by (servcie) (phoenix_service_requests_total)", "no label servcie"),
        ("phoenix_service_requests_total{stauts=\"500\"}", "no label stauts"),
        ("phoenix_llm_requests_total{status=~\"error|panicked\"}", "no value panicked of status"),
        ("phoenix_service_request_duration_seconds", "no metric phoenix_service_request_duration_seconds"),
        ("phoenix_service_requests_total_bucket", "no metric phoenix_service_requests_total_bucket"),
        ("{__name__=~\"phoenix_.*\"}", "no metric phoenix_.*"),
        ("phoenix:requests:rate5m", "no metric phoenix:requests:rate5m"),
    ] {
        let wrong = known.wrong(&promql::parse(&prometheus, promql).expect("an expression"));
        assert!(wrong.iter().any(|what| what.starts_with(found)), "{promql}: {wrong:?}");
    }
    let good = "histogram_quantile(0.5, sum by (method, le) (rate(phoenix_tools_request_duration_seconds_bucket[5m])))";
    assert_eq!(known.wrong(&promql::parse(&prometheus, good).expect("an expression")), [""; 0]);
}

/// The metrics that rules may read.
struct Known {
    rows: Vec<Row>,
    /// The recorded series, with their possible labels.
    recorded: BTreeMap<String, BTreeSet<String>>,
}

impl Known {
    fn new(rules: &[(Rule, Expression)]) -> Self {
        let mut known = Self { rows: Contract::read().rows, recorded: BTreeMap::new() };
        // A recorded series has the labels of its rule, and those that the expression names or, if it names none, those of the series that it reads.
        // A rule may read a series that a later rule records, so this repeats until no label is added.
        loop {
            let before: usize = known.recorded.values().map(BTreeSet::len).sum();
            for (rule, expression) in rules.iter().filter(|(rule, _)| rule.kind == rules::Kind::Recording) {
                let mut labels: BTreeSet<String> = rule.labels.keys().chain(&expression.labels).cloned().collect();
                if expression.labels.is_empty() {
                    labels.extend(known.of_all(&expression.selectors));
                }
                known.recorded.entry(rule.name.clone()).or_default().extend(labels);
            }
            if known.recorded.values().map(BTreeSet::len).sum::<usize>() == before {
                return known;
            }
        }
    }

    fn wrong(&self, expression: &Expression) -> Vec<String> {
        let mut wrong = Vec::new();
        for selector in &expression.selectors {
            for name in &selector.names {
                match self.labels(name) {
                    None => wrong.push(format!("no metric {name}")),
                    Some(labels) => {
                        wrong.extend(selector.matchers.iter().flat_map(|(label, asked)| match labels.get(label) {
                            None => vec![format!("no label {label} of {name}")],
                            Some(Values::Any(_)) => Vec::new(),
                            Some(Values::OneOf(values)) => {
                                let unknown = asked.iter().filter(|asked| !values.contains(asked));
                                unknown.map(|value| format!("no value {value} of {label}")).collect()
                            }
                        }))
                    }
                }
            }
        }
        let labels = self.of_all(&expression.selectors);
        let unknown = expression.labels.iter().filter(|label| !labels.contains(*label));
        wrong.extend(unknown.map(|label| format!("no label {label} of what is selected")));
        wrong
    }

    /// Returns the labels of all selected metrics.
    fn of_all(&self, selectors: &[Selector]) -> BTreeSet<String> {
        let names = selectors.iter().flat_map(|selector| &selector.names);
        names.filter_map(|name| self.labels(name)).flat_map(BTreeMap::into_keys).collect()
    }

    /// Returns the labels of a metric with their values, or `None` if there is no such metric.
    fn labels(&self, name: &str) -> Option<BTreeMap<String, Values>> {
        let any = || Values::Any(phoenix_otel_tests::contract::Any::Any);
        let with = |labels: Vec<&str>| labels.into_iter().map(|label| (label.to_owned(), any())).collect();
        if let Some(labels) = self.recorded.get(name) {
            return Some(with(labels.iter().map(String::as_str).collect()));
        }
        if let Some((_, labels, _)) = OF_OTHERS.iter().find(|(other, ..)| *other == name) {
            return Some(with([&OF_THE_EMITTER[..], labels].concat()));
        }
        // A metric with exactly this name comes before one with a placeholder for the subsystem.
        let exact = self.rows.iter().filter(|row| !row.name.contains("<subsystem>"));
        let placed = self.rows.iter().filter(|row| row.name.contains("<subsystem>"));
        let (row, added) = exact.chain(placed).find_map(|row| Some((row, part(row, name)?)))?;
        let mut labels: BTreeMap<String, Values> = with(OF_THE_EMITTER.into_iter().chain(added).collect());
        labels.extend(row.metric.labels.clone());
        Some(labels)
    }
}

/// Returns `Some` if the name is a series of the metric, with the additional label of that series.
fn part(row: &Row, name: &str) -> Option<Option<&'static str>> {
    let parts: &[(&str, Option<&'static str>)] = match row.metric.kind {
        Kind::Counter | Kind::Gauge => &[("", None)],
        Kind::Histogram => &[("_bucket", Some("le")), ("_sum", None), ("_count", None)],
        Kind::Summary => &[("", Some("quantile")), ("_sum", None), ("_count", None)],
    };
    let is = |suffix: &str| match (name.strip_suffix(suffix), row.name.split_once("<subsystem>")) {
        (Some(base), None) => base == row.name,
        (Some(base), Some((before, after))) => {
            let subsystem = base.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            subsystem.is_some_and(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        }
        (None, _) => false,
    };
    parts.iter().find(|(suffix, _)| is(suffix)).map(|(_, label)| *label)
}
