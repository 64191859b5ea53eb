//! Alerts on an instrumented service reach a webhook, firing and resolved, through the real Prometheus and the real Alertmanager with the
//! configurations of the repository. Only the `for` of alerts is shortened (`rules::at_once`). An alert fires after a number of bad calls within a
//! window of minutes, and resolves after many more good calls in that window, however long either takes.

use std::time::Duration;

use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
use phoenix_otel::instrument_metrics;
use phoenix_otel::tower_resilience_circuitbreaker::CircuitBreakerLayer;
use phoenix_otel_tests::rules::{RUNBOOKS, at_once};
use phoenix_otel_tests::webhook::Message;
use phoenix_otel_tests::{Alertmanager, Prometheus, Webhook, wait_until};
use serde_json::Value;
use tower::{Layer as _, ServiceExt as _, service_fn};

/// Each alert, its service, and the beginning of its description.
const ALERTS: [(&str, &str, &str); 3] = [
    ("HighErrorRate", "tools", "Error rate of tools is "),
    ("SlowResponseTime", "tools", "P95 response time for tools is "),
    ("CircuitBreakerOpen", "memory", "Circuit breaker for memory in "),
];

/// A duration above the threshold of `SlowResponseTime`.
const SLOW: Duration = Duration::from_millis(2_600);
/// The number of bad calls. A few hundred good calls bring their ratio below the thresholds.
const BAD_CALLS: u32 = 10;

/// The only instrumented function of the service, which has no middleware.
#[instrument_metrics]
async fn use_tool(works: bool, takes: Duration) -> Result<(), &'static str> {
    tokio::time::sleep(takes).await;
    if works { Ok(()) } else { Err("this failure is part of the test") }
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_delivered_when_they_fire_and_resolve() {
    let telemetry =
        phoenix_otel::builder("tools").exporter(phoenix_otel::Prometheus::new().port(0)).init().expect("init succeeds");
    let service = telemetry.scrape_address().expect("the server listens").to_string();
    let webhook = Webhook::start();
    let (prometheus, _alertmanager) = watch(&service, &webhook);

    let metrics = CircuitBreakerMetrics::new("memory");
    let breaker = CircuitBreakerLayer::builder()
        .consecutive_failures(1)
        .wait_duration_in_open(Duration::from_secs(1))
        .on_state_transition(metrics.listener())
        .build()
        .expect("a breaker");
    let memory = breaker.layer(service_fn(|works: bool| use_tool(works, Duration::ZERO)));

    // The counters are scraped at 0, so that the first calls are seen.
    tokio::task::block_in_place(|| {
        prometheus.wait_for("phoenix_tools_requests_total == 0", |seen| !seen.is_empty());
    });
    // Every call is slow, every second call fails, and the dependency `memory` fails.
    let _ = memory.clone().oneshot(false).await;
    let calls: Vec<_> = (0..BAD_CALLS).map(|call| tokio::spawn(use_tool(call.is_multiple_of(2), SLOW))).collect();
    for call in calls {
        let _ = call.await.expect("it does not panic");
    }
    let delivered = |status: &'static str| {
        ALERTS.map(|alert| {
            wait_until(&format!("{} to be delivered as {status}", alert.0), || {
                let found = webhook.messages().into_iter().find(|message| of(message, alert.0)["status"] == status);
                found.ok_or_else(|| format!("{:?}\n{}", webhook.messages(), prometheus.query("ALERTS").lines()))
            })
        })
    };
    for (expected, message) in ALERTS.iter().zip(tokio::task::block_in_place(|| delivered("firing"))) {
        assert_eq!(message.path, "/tickets");
        assert_eq!(message.authorization, "Bearer a-token");
        assert_eq!(message.body["receiver"], "ticket");
        is_complete(expected, &of(&message, expected.0));
    }

    let good_calls = tokio::spawn(async move {
        loop {
            // The first call that the breaker permits closes it.
            let _ = memory.clone().oneshot(true).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    for (expected, message) in ALERTS.iter().zip(tokio::task::block_in_place(|| delivered("resolved"))) {
        let alert = of(&message, expected.0);
        is_complete(expected, &alert);
        let [began, ended] = ["startsAt", "endsAt"].map(|key| alert[key].as_str().unwrap_or_default());
        assert!(!began.is_empty() && began < ended, "{alert}");
    }
    good_calls.abort();

    // The Watchdog arrived, too.
    tokio::task::block_in_place(|| {
        wait_until("the Watchdog", || {
            let messages = webhook.messages();
            let came = messages.iter().any(|message| message.path == "/watchdog" && !of(message, "Watchdog").is_null());
            came.then_some(()).ok_or_else(|| format!("{messages:?}"))
        });
    });
}

/// Starts a Prometheus that scrapes the service, and an Alertmanager whose tickets go to the webhook.
fn watch(service: &str, webhook: &Webhook) -> (Prometheus, Alertmanager) {
    let alertmanager = Alertmanager::from_repository()
        .secret("ticket_url", &webhook.url("/tickets"))
        .secret("ticket_token", "a-token")
        .secret("watchdog_url", &webhook.url("/watchdog"))
        .start();
    let prometheus = Prometheus::from_repository()
        .rules(|_, text| at_once(&text))
        .targets("services", &[service])
        .targets("alertmanager", &[alertmanager.address()])
        .start();
    (prometheus, alertmanager)
}

/// The notification has the service, the severity, summary, description, runbook and source of the alert.
#[track_caller]
fn is_complete((name, service, description): &(&str, &str, &str), alert: &Value) {
    assert_eq!(alert["labels"]["service"], *service, "{alert}");
    assert_eq!(alert["labels"]["severity"], "warning", "{alert}");
    let said = |key: &str| alert["annotations"][key].as_str().unwrap_or_default().to_owned();
    assert!(said("summary").contains(service), "{alert}");
    assert!(said("description").starts_with(description), "{alert}");
    assert!(!said("description").contains("no value"), "a template was left unfilled: {alert}");
    assert_eq!(said("runbook_url"), format!("{RUNBOOKS}/{name}.md"));
    assert!(alert["generatorURL"].as_str().is_some_and(|url| url.contains("/graph?")), "{alert}");
}

/// Returns the alert with this name from a notification, or null.
fn of(message: &Message, name: &str) -> Value {
    let alerts = message.body["alerts"].as_array().into_iter().flatten();
    alerts.into_iter().find(|alert| alert["labels"]["alertname"] == name).cloned().unwrap_or_default()
}
