//! The receiver of each alert, according to amtool.

use phoenix_otel_tests::rules::{Kind, loaded};
use phoenix_otel_tests::tools::repository_file;
use serde_json::json;

use crate::{path, run, with_rules};

const CONFIG: &str = "collector/alertmanager/alertmanager.yml";

#[test]
fn amtool_accepts_the_configuration_and_its_templates() {
    let said = run("amtool", &["check-config", &path(CONFIG)]);
    assert!(said.contains("1 templates") && said.contains("SUCCESS") && !said.contains("FAILED"), "{said}");
}

#[test]
fn every_severity_and_service_has_its_receiver() {
    for (labels, receiver) in [
        ("alertname=ServiceDown severity=critical service=tools", "page"),
        ("alertname=AvailabilityBudgetBurnFast severity=critical service=mind-kb slo=availability", "page"),
        ("alertname=HighErrorRate severity=warning service=tools", "ticket"),
        ("alertname=HighErrorRate severity=warning service=mind-kb", "ticket-knowledge"),
        ("alertname=SlowResponseTime severity=warning service=llm", "ticket-models"),
        ("alertname=HighErrorRate severity=warning service=safety", "ticket-models"),
        ("alertname=LlmCostRunningAway severity=warning service=llm", "costs"),
        ("alertname=CollectorRefusing severity=warning service=collector", "ticket-platform"),
        ("alertname=LlmTokensUnpriced severity=info service=llm", "chat"),
        ("alertname=Watchdog severity=none service=prometheus", "watchdog"),
        ("alertname=Something severity=unheard-of", "unrouted"),
    ] {
        let config = format!("--config.file={}", path(CONFIG));
        let expected = format!("--verify.receivers={receiver}");
        let arguments = ["config", "routes", "test", &config, &expected].into_iter().chain(labels.split(' '));
        run("amtool", &arguments.collect::<Vec<_>>());
    }
}

/// A misspelt alert name in a route or an inhibition matches nothing, without an error.
#[test]
fn the_configuration_names_alerts_that_exist() {
    let prometheus = with_rules();
    let alerts: Vec<String> =
        loaded(&prometheus).into_iter().filter(|rule| rule.kind == Kind::Alerting).map(|rule| rule.name).collect();
    let mut named = 0;
    for line in repository_file(CONFIG).lines().filter(|line| !line.trim_start().starts_with('#')) {
        let Some((_, rest)) = line.split_once("alertname =") else { continue };
        let names =
            rest.split('\'').next().unwrap_or_default().trim_start_matches(['~', ' ', '"']).trim_end_matches('"');
        for name in names.split('|') {
            let stem = name.trim_end_matches(".*");
            let exists = alerts.iter().any(|alert| if stem == name { alert == name } else { alert.starts_with(stem) });
            assert!(exists, "{CONFIG} names {name}, which is no alert: {line}");
            named += 1;
        }
    }
    assert!(named > 15, "only {named} names were found");
}

#[test]
fn notifications_have_description_runbook_and_query() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data.json");
    let alert = json!({
        "status": "firing", "labels": {}, "startsAt": "2026-01-02T03:04:05Z", "endsAt": "0001-01-01T00:00:00Z",
        "annotations": { "description": "It fails", "runbook_url": "https://example.org/HighErrorRate.md" },
        "generatorURL": "http://prometheus/graph",
    });
    let group = json!({
        "status": "firing", "alerts": [alert], "groupLabels": { "alertname": "HighErrorRate", "service": "tools" },
    });
    std::fs::write(&data, group.to_string()).expect("a file in it");
    let rendered = |name: &str| {
        let glob = format!("--template.glob={}", path("collector/alertmanager/templates/*.tmpl"));
        let data = format!("--template.data={}", data.display());
        let text = format!("--template.text={{{{ template \"{name}\" . }}}}");
        run("amtool", &["template", "render", &glob, &data, &text])
    };
    assert_eq!(rendered("phoenix.title").trim(), "[FIRING 1] HighErrorRate · tools");
    assert_eq!(rendered("phoenix.runbook").trim(), "https://example.org/HighErrorRate.md");
    for name in ["phoenix.text", "phoenix.html"] {
        let said = rendered(name);
        for part in ["FIRING", "It fails", "2026-01-02 03:04:05 UTC", "HighErrorRate.md", "http://prometheus/graph"] {
            assert!(said.contains(part), "{name} has no {part}: {said}");
        }
    }
}
