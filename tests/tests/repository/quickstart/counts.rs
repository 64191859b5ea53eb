//! Under load, scraped by a real Prometheus: the four standard metrics match the counts of the clients.

use std::collections::BTreeMap;

use phoenix_otel_tests::{Prometheus, Quickstart, Samples, Series, http, wait_until};

use super::traffic::{Counts, hang_up, load};

const METHODS: [&str; 4] = ["find_route", "list_cities", "plan_round_trip", "shortest_round_trip"];
const CLIENTS: usize = 4;
const ROUNDS: usize = 25;
const HANGING_UP: usize = 12;

#[test]
fn prometheus_has_the_counts_of_the_clients() {
    let quickstart = Quickstart::start(&["--no-traffic"], &[]);
    let prometheus = Prometheus::from_repository().targets("services", &[&quickstart.metrics()]).start();

    // Before the first request every known series exists at 0.
    let all = "phoenix_quickstart_requests_total";
    let before = prometheus.wait_for(all, |seen| seen.len() == METHODS.len() * 4);
    assert!(before.iter().all(|(_, value)| value == 0.0), "{}", before.lines());

    let mut counted = load(&quickstart, CLIENTS, ROUNDS);
    counted.merge(hang_up(&quickstart, HANGING_UP, || all_are_planned(&quickstart)));
    counted.merge(load(&quickstart, CLIENTS, 1));

    wait_until("what the clients counted", || {
        let seen = prometheus.query(all);
        let same = by(&seen, "status") == with_zeros(&counted);
        if same { Ok(()) } else { Err(format!("{}\ncounted: {counted:#?}", seen.lines())) }
    });
    // One scrape shows all of them at the same moment, and there is no further traffic.
    let errors = prometheus.query("phoenix_quickstart_errors_total");
    let kinds = by(&errors, "error_type");
    let occurred = kinds.into_iter().filter(|(_, value)| *value != 0.0).collect::<BTreeMap<_, _>>();
    assert_eq!(occurred, counted.errors, "{}", errors.lines());
    for method in METHODS {
        let labels = [("method", method), ("service", "quickstart"), ("version", "0.1.0")];
        let calls = counted.calls(method);
        let query = |metric: &str| prometheus.query(metric).value(metric, &labels);
        assert_eq!(query("phoenix_quickstart_request_duration_seconds_count"), calls, "{method}");
        let seconds = query("phoenix_quickstart_request_duration_seconds_sum");
        assert!(seconds > 0.0 && seconds < calls * 60.0, "{method}: {seconds} s for {calls} calls");
        assert_eq!(query("phoenix_quickstart_requests_active"), 0.0, "{method}");
        let buckets = prometheus.query("phoenix_quickstart_request_duration_seconds_bucket");
        let unbounded = [labels[0], ("le", "+Inf")];
        assert_eq!(buckets.value("phoenix_quickstart_request_duration_seconds_bucket", &unbounded), calls);
    }
    let cancelled = [("method", "plan_round_trip"), ("status", "cancelled")];
    assert_eq!(prometheus.query(all).value(all, &cancelled), HANGING_UP as f64);
}

/// Waits until each request whose client will disconnect runs.
fn all_are_planned(quickstart: &Quickstart) {
    let url = format!("http://{}/metrics", quickstart.metrics());
    wait_until("all requests to run", || {
        let samples = Samples::parse(&http::get(&url, &[])?.ok()?);
        let active = samples.get("phoenix_quickstart_requests_active", &[("method", "plan_round_trip")]);
        if active == Some(HANGING_UP as f64) { Ok(()) } else { Err(format!("{active:?} run")) }
    });
}

/// Returns the values by method and another label.
fn by(series: &Series, label: &str) -> BTreeMap<(String, String), f64> {
    let of = |labels: &phoenix_otel_tests::Labels, name: &str| labels.get(name).cloned().unwrap_or_default();
    series.iter().map(|(labels, value)| ((of(labels, "method"), of(labels, label)), value)).collect()
}

/// Returns the counts, with 0 for each status that did not occur.
fn with_zeros(counted: &Counts) -> BTreeMap<(String, String), f64> {
    let mut all = counted.requests.clone();
    for method in METHODS {
        for status in ["ok", "error", "cancelled", "panic"] {
            all.entry((method.to_owned(), status.to_owned())).or_default();
        }
    }
    all
}
