//! Which alerts a scenario of the platform's load generator raises: those that it should, and no other.
//!
//! Each scenario has a platform, a Prometheus and an Alertmanager of its own, with the configurations of the repository. The rules are a time
//! lapse (`rules::time_lapse`): a minute of every range, offset and interval takes a second, so that 20 seconds of load are 20 minutes to the
//! rules, and the 30 days of a budget half a day; waiting (`for`) takes a fifth of that again.

mod expected;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use expected::Expected;
use phoenix_otel_tests::rules::time_lapse;
use phoenix_otel_tests::wait::wait_for;
use phoenix_otel_tests::{Alertmanager, Platform, Prometheus, Webhook, wait_until};

/// Alerts by name and service.
type Alerts = BTreeSet<(String, String)>;

#[test]
fn calm() {
    raises_what_it_should(&expected::CALM);
}

#[test]
fn errors() {
    raises_what_it_should(&expected::ERRORS);
}

#[test]
fn slow() {
    raises_what_it_should(&expected::SLOW);
}

#[test]
fn outage() {
    raises_what_it_should(&expected::OUTAGE);
}

#[test]
fn attack() {
    raises_what_it_should(&expected::ATTACK);
}

#[test]
fn every_scenario_is_expected_to_raise_something() {
    let expected = [expected::CALM, expected::ERRORS, expected::SLOW, expected::OUTAGE, expected::ATTACK];
    assert_eq!(Platform::scenarios(), expected.map(|expected| expected.scenario));
}

/// One scenario at a time: two platforms at once would make each other slow, which is what some alerts are about.
static ALONE: Mutex<()> = Mutex::new(());

fn raises_what_it_should(expected: &Expected) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let webhook = Webhook::start();
    let alertmanager = ["ticket_url", "ticket_token", "watchdog_url", "slack_url", "pagerduty_key"]
        .iter()
        .fold(Alertmanager::from_repository(), |alertmanager, secret| alertmanager.secret(secret, &webhook.url("/")))
        .start();
    let prometheus = Prometheus::from_repository()
        .rules(|_, text| time_lapse(&text))
        .targets("alertmanager", &[alertmanager.address()])
        .start();
    prometheus.set_targets("prometheus", &[prometheus.address()]);
    let platform = Platform::under_load(expected.scenario, expected.lasts);
    prometheus.set_file("targets/services.yml", &platform.targets().to_string());

    platform.load_ended(Duration::from_secs(120));
    let still_pending = alerts(&prometheus, r#"ALERTS{alertstate="pending"}"#);
    let ever_fired = || alerts(&prometheus, r#"max_over_time(ALERTS{alertstate="firing"}[10m])"#);
    let must = expected.must();
    let fired = wait_until(&format!("the alerts of the scenario {}", expected.scenario), || {
        let fired = ever_fired();
        let missing: Vec<_> = must.difference(&fired).collect();
        if missing.is_empty() { Ok(fired) } else { Err(format!("not yet: {missing:?}; fired: {fired:?}")) }
    });
    let others: Vec<_> = fired.union(&still_pending).filter(|alert| !expected.may(alert)).collect();
    assert!(
        others.is_empty(),
        "{} raises what it should not: {others:?}\n{}",
        expected.scenario,
        prometheus.query(r#"{__name__=~"ALERTS|slo:sli_error:ratio_rate3d|phoenix:.*quantile_rate5m"}"#).lines()
    );

    // What tells of a moment ends with it. Budgets stay spent, and what overflowed did so within the last quarter of an hour.
    wait_for(Duration::from_secs(90), "the alerts on what is over to end", || {
        let firing = alerts(&prometheus, r#"ALERTS{alertstate="firing"}"#);
        let of_now: Vec<_> =
            firing.iter().filter(|(name, _)| expected::OF_THE_MOMENT.contains(&name.as_str())).collect();
        if of_now.is_empty() { Ok(()) } else { Err(format!("{of_now:?}")) }
    });
    platform.terminate();
}

/// Names and services of the alerts that a query returns.
fn alerts(prometheus: &Prometheus, query: &str) -> Alerts {
    let seen = prometheus.query(query);
    let label = |labels: &phoenix_otel_tests::Labels, name: &str| labels.get(name).cloned().unwrap_or_default();
    seen.iter().map(|(labels, _)| (label(labels, "alertname"), label(labels, "service"))).collect()
}
