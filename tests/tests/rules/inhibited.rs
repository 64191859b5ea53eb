//! The real Alertmanager inhibits alerts that follow from another firing alert.

use phoenix_otel_tests::{Alertmanager, http, wait_until};
use serde_json::{Value, json};

#[test]
fn consequential_alerts_are_inhibited() {
    let alertmanager = Alertmanager::from_repository().start();
    let alerts = [
        alert("ServiceDown", &[("service", "tools"), ("severity", "critical")]),
        alert("HighErrorRate", &[("service", "tools"), ("severity", "warning")]),
        alert("LatencyBudgetBurnFast", &[("service", "tools"), ("severity", "critical"), ("slo", "latency")]),
        alert("HighErrorRate", &[("service", "llm"), ("severity", "warning")]),
        alert("AvailabilityBudgetBurnFast", &[("service", "llm"), ("severity", "critical"), ("slo", "availability")]),
        alert("AvailabilityBudgetBurnSlow", &[("service", "llm"), ("severity", "warning"), ("slo", "availability")]),
        alert("LatencyBudgetBurnSlow", &[("service", "llm"), ("severity", "warning"), ("slo", "latency")]),
        alert("CollectorsDown", &[("service", "collector"), ("job", "otelcol"), ("severity", "critical")]),
        alert("ServiceSilent", &[("service", "reflection"), ("severity", "critical")]),
        alert("CircuitBreakerOpen", &[("service", "safety"), ("instance", "o-1"), ("severity", "warning")]),
        alert("CircuitBreakerNotClosing", &[("service", "safety"), ("instance", "o-1"), ("severity", "warning")]),
        alert("CircuitBreakerNotClosing", &[("service", "safety"), ("instance", "o-2"), ("severity", "warning")]),
    ];
    let url = format!("http://{}/api/v2/alerts", alertmanager.address());
    let taken = http::post(&url, "application/json", &json!(alerts).to_string()).and_then(http::Response::ok);
    taken.expect("Alertmanager takes alerts");

    let expected = [
        "AvailabilityBudgetBurnSlow of llm",
        "CircuitBreakerNotClosing of safety in o-1",
        "HighErrorRate of tools",
        "LatencyBudgetBurnFast of tools",
        "ServiceSilent of reflection",
    ];
    wait_until("Alertmanager to judge every alert", || {
        let seen = alertmanager.alerts()?;
        let seen: Vec<&Value> = seen.as_array().into_iter().flatten().collect();
        let mut inhibited: Vec<String> =
            seen.iter().filter(|alert| alert["status"]["state"] == "suppressed").map(|alert| name(alert)).collect();
        inhibited.sort();
        // An alert is known not to be inhibited only after Alertmanager has processed it.
        let judged = seen.iter().filter(|alert| alert["status"]["state"] != "unprocessed").count();
        if judged == alerts.len() && inhibited == expected {
            Ok(())
        } else {
            Err(format!("{judged} judged, inhibited: {inhibited:#?}"))
        }
    });
}

fn alert(name: &str, labels: &[(&str, &str)]) -> Value {
    let mut all: serde_json::Map<String, Value> =
        labels.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    all.insert("alertname".to_owned(), Value::from(name));
    json!({ "labels": all })
}

fn name(alert: &Value) -> String {
    let label = |name: &str| alert["labels"][name].as_str();
    let instance = label("instance").map(|instance| format!(" in {instance}")).unwrap_or_default();
    format!("{} of {}{instance}", label("alertname").unwrap_or_default(), label("service").unwrap_or_default())
}
