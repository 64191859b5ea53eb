//! From requests that fail to somebody who is told, by the real Prometheus and the real Alertmanager with their configurations of the
//! repository; only what they wait for is shorter.

use phoenix_otel::edge::REQUESTS;
use phoenix_otel_tests::{Alertmanager, Prometheus, Webhook, wait_until};
use serde_json::Value;

/// Windows and waits of seconds where the repository has minutes.
fn faster(name: &str, text: String) -> String {
    match name {
        "edge.yml" => text.replace("[5m]", "[5s]").replace("[1h]", "[1m]"),
        "service-alerts.yml" => text.replace("for: 5m", "for: 1s"),
        _ => text,
    }
}

#[test]
fn an_error_rate_is_told_and_its_end() {
    let telemetry = phoenix_otel::builder("tools").prometheus_port(0).init().expect("telemetry starts");
    let service = telemetry.scrape_address().expect("it listens").to_string();
    let webhook = Webhook::start();
    let alertmanager = Alertmanager::from_repository()
        .secret("ticket_url", &webhook.url("/tickets"))
        .secret("ticket_token", "a-token")
        .secret("watchdog_url", &webhook.url("/watchdog"))
        .start();
    let prometheus = Prometheus::from_repository()
        .rules(faster)
        .targets("services", &[&service])
        .targets("alertmanager", &[alertmanager.address()])
        .start();

    let answer = |status: &str| REQUESTS.add(1, REQUESTS { method: "GET", route: "/", status });
    answer("200");
    answer("500");
    let told = |status: &str| {
        let tickets = webhook.messages().into_iter().filter(|message| message.path == "/tickets");
        tickets.into_iter().find(|ticket| of(&ticket.body, "HighErrorRate")["status"] == status)
    };
    let firing = wait_until("the ticket of the alert", || {
        answer("500");
        told("firing").ok_or_else(|| format!("{:?}\n{}", webhook.messages(), prometheus.query("ALERTS").lines()))
    });
    assert_eq!(firing.authorization, "Bearer a-token");
    assert_eq!(firing.body["receiver"], "ticket");
    let alert = of(&firing.body, "HighErrorRate");
    assert_eq!(alert["labels"]["service"], "tools");
    assert_eq!(alert["labels"]["severity"], "warning");
    let description = alert["annotations"]["description"].as_str().unwrap_or_default();
    assert!(description.starts_with("Error rate of tools is ") && description.contains('%'), "{description}");
    assert!(
        alert["annotations"]["runbook_url"].as_str().is_some_and(|url| url.ends_with("/HighErrorRate.md")),
        "{alert}"
    );

    let resolved = wait_until("the end of the alert", || {
        (0..10).for_each(|_| answer("200"));
        told("resolved").ok_or_else(|| format!("{:?}\n{}", webhook.messages(), prometheus.query("ALERTS").lines()))
    });
    assert_eq!(of(&resolved.body, "HighErrorRate")["labels"]["service"], "tools");

    // All the while, somebody could know that the way was open.
    wait_until("the Watchdog", || {
        let messages = webhook.messages();
        let came =
            messages.iter().any(|message| message.path == "/watchdog" && of(&message.body, "Watchdog") != Value::Null);
        came.then_some(()).ok_or_else(|| format!("{messages:?}"))
    });
}

/// The alert of a name in a message of Alertmanager's; null where it has none.
fn of(message: &Value, name: &str) -> Value {
    let alerts = message["alerts"].as_array().into_iter().flatten();
    alerts.into_iter().find(|alert| alert["labels"]["alertname"] == name).cloned().unwrap_or_default()
}
