//! Every alert says what is wrong, in which service or instance, and how bad it is, and links to its runbook.

use std::fs;

use phoenix_otel_tests::rules::{Kind, RUNBOOKS, Rule, loaded};
use phoenix_otel_tests::tools::{repository, repository_file};
use phoenix_otel_tests::{Collector, Prometheus, http, otlp_json, wait_until};

use crate::with_rules;

/// The sections of a runbook, in this order.
const HEADINGS: [&str; 4] = ["## What it means", "## Look first", "## What to do", "## False alarms"];

fn alerts() -> Vec<Rule> {
    let prometheus = with_rules();
    let alerts: Vec<Rule> = loaded(&prometheus).into_iter().filter(|rule| rule.kind == Kind::Alerting).collect();
    assert!(alerts.len() > 20, "only {} alerts were read", alerts.len());
    alerts
}

#[test]
fn every_alert_has_its_labels_and_annotations() {
    for Rule { name, query, labels, annotations, .. } in alerts() {
        let severity = labels.get("severity").map(String::as_str);
        assert!(
            severity.is_some_and(|word| ["critical", "warning", "info", "none"].contains(&word)),
            "{name}: {severity:?}"
        );
        // Routes need a service: a label of the series, or of the rule.
        assert!(
            labels.contains_key("service") || query.contains("service") || query.contains("phoenix"),
            "{name}: no service"
        );
        let said = |key: &str| annotations.get(key).unwrap_or_else(|| panic!("{name} has no {key}"));
        assert!(!said("summary").is_empty());
        let description = said("description");
        if name != "ServiceSilent" && name != "EdgeMetricsMissing" {
            assert!(description.contains("$value"), "{name}: the description has no value: {description}");
        }
        let names_one = ["$labels.service", "$labels.instance", "$labels.job", "Prometheus"]
            .iter()
            .any(|who| description.contains(who));
        assert!(names_one, "{name}: the description names no service, instance or job: {description}");
        assert_eq!(said("runbook_url"), &format!("{RUNBOOKS}/{name}.md"));
    }
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let mut names: Vec<String> = alerts().into_iter().map(|alert| alert.name).collect();
    names.sort();
    names.dedup();
    for name in &names {
        let page = repository_file(&format!("docs/runbooks/{name}.md"));
        assert!(page.starts_with(&format!("# {name}\n")), "docs/runbooks/{name}.md does not begin with its name");
        let places: Vec<Option<usize>> = HEADINGS.iter().map(|heading| page.find(heading)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{name}.md must have, in this order: {HEADINGS:?}"
        );
        assert!(page.contains("```promql"), "{name}.md has no PromQL query");
    }
    for file in fs::read_dir(repository().join("docs/runbooks")).expect("the runbooks") {
        let file = file.expect("a readable folder").file_name().to_string_lossy().into_owned();
        let name = file.trim_end_matches(".md");
        assert!(
            name == "README" || names.iter().any(|alert| alert == name),
            "docs/runbooks/{file} belongs to no alert"
        );
    }
}

#[test]
fn specified_alerts_keep_their_names_and_durations() {
    let alerts = alerts();
    for (name, minutes) in [("HighErrorRate", 5.0), ("CircuitBreakerOpen", 5.0), ("SlowResponseTime", 10.0)] {
        let alert = alerts.iter().find(|alert| alert.name == name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(alert.duration, 60.0 * minutes, "{name}");
        assert_eq!(alert.labels["severity"], "warning", "{name}");
    }
}

/// Prometheus accepts the queries of the runbooks.
#[test]
fn prometheus_accepts_the_queries_of_the_runbooks() {
    let prometheus = with_rules();
    let mut asked = 0;
    for file in fs::read_dir(repository().join("docs/runbooks")).expect("the runbooks") {
        let path = file.expect("a readable folder").path();
        let page = fs::read_to_string(&path).expect("a file that was listed");
        for block in page.split("```promql\n").skip(1) {
            let queries = block.split("```").next().unwrap_or_default();
            for query in queries.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let answer = prometheus.api("/api/v1/query", &[("query", query)]);
                assert!(answer.is_ok(), "{}: {query}: {answer:?}", path.display());
                asked += 1;
            }
        }
    }
    assert!(asked > 25, "only {asked} queries were found");
}

/// With an agent, and a gateway whose Prometheus is down.
#[test]
fn the_collector_has_the_names_that_alerts_read() {
    let gateway = Collector::gateway("http://127.0.0.1:9/api/v1/write").start();
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).start();
    otlp_json::send(&format!("{}/v1/metrics", agent.otlp_http_url()), &otlp_json::orders());
    has_names(
        &format!("http://{}/metrics", gateway.own_metrics_address()),
        &[
            "otelcol_receiver_refused_metric_points_total{receiver=\"otlp\",transport=\"grpc\"}",
            "otelcol_exporter_send_failed_metric_points_total{exporter=\"prometheus_remote_write\"}",
        ],
    );
    has_names(
        &format!("http://{}/metrics", agent.own_metrics_address()),
        &[
            "otelcol_exporter_queue_size{data_type=\"metrics\",exporter=\"load_balancing\"}",
            "otelcol_exporter_queue_capacity{data_type=\"metrics\",exporter=\"load_balancing\"}",
        ],
    );
}

#[test]
fn prometheus_has_the_names_that_alerts_read() {
    let prometheus =
        Prometheus::from_repository().targets("alertmanager", &["127.0.0.1:9"]).rules(|_, text| text).start();
    has_names(
        &prometheus.url("/metrics"),
        &[
            "prometheus_rule_evaluation_failures_total{rule_group=\"",
            "prometheus_notifications_errors_total{alertmanager=\"http://127.0.0.1:9/api/v2/alerts\"}",
            "prometheus_notifications_alertmanagers_discovered 1",
        ],
    );
}

#[track_caller]
fn has_names(url: &str, names: &[&str]) {
    wait_until("the names that alerts read", || {
        let text = http::get(url, &[])?.ok()?;
        let missing: Vec<&&str> =
            names.iter().filter(|name| !text.lines().any(|line| line.starts_with(**name))).collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("missing: {missing:?}")) }
    });
}
