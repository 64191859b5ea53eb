//! The list of names that a service checks in, and the message if it differs.

use std::collections::BTreeSet;
use std::fs;

use phoenix_otel::{Names, NamesError, Status, Telemetry, instrument_metrics, metrics};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::{isolated, this_test};

metrics! {
    /// Orders placed.
    static ORDERS: Counter { shop: &str, channel: &str } = "names.orders" { unit: "{order}" };
    /// Time to place an order.
    static ORDER_DURATION: Histogram { shop: &str } = "names.order.duration" { unit: "s", bounds: [1.0] };
    /// Time to answer.
    static ANSWER: Summary = "names.answer" { unit: "s" };
    /// What follows the service.
    static STOCK: Gauge = "phoenix.{subsystem}.names.stock" { unit: "1" };
    /// Another thing that a subsystem counts as its requests.
    static REQUESTS: Counter { shop: &str, status: Status } = "phoenix.names_taken.requests" { unit: "{request}" };
}

#[instrument_metrics(subsystem = "names_shop")]
fn names_plan() {}

#[instrument_metrics(subsystem = "names_taken")]
fn names_take() {}

#[instrument_metrics]
fn names_own() {}

/// The lines of the list for this module.
const EXPECTED: [&str; 18] = [
    "names_answer_seconds summary",
    "names_order_duration_seconds{shop} histogram",
    "names_orders_total{channel,shop} counter",
    "acme_names_shop_errors_total{error_type,method} counter",
    "acme_names_shop_request_duration_seconds{method} histogram",
    "acme_names_shop_requests_active{method} gauge",
    "acme_names_shop_requests_total{method,status} counter",
    "acme_names_shop_requests_total{method=\"names_plan\"}",
    "acme_names_taken_calls_total{method,status} counter",
    "acme_names_taken_calls_total{method=\"names_take\"}",
    "acme_names_taken_request_duration_seconds{method} histogram",
    "acme_names_taken_requests_total{shop,status} counter",
    "acme_shop_errors_total{error_type,method} counter",
    "acme_shop_names_stock_ratio gauge",
    "acme_shop_request_duration_seconds{method} histogram",
    "acme_shop_requests_active{method} gauge",
    "acme_shop_requests_total{method,status} counter",
    "acme_shop_requests_total{method=\"names_own\"}",
];

fn names() -> Names {
    Names::new("shop").namespace("acme")
}

#[test]
fn the_list_has_all_declared_names() {
    let text = names().to_string();
    let lines: BTreeSet<&str> = text.lines().collect();
    for line in EXPECTED {
        assert!(lines.contains(line), "{line} in {text}");
    }
    assert!(text.starts_with("# ") && text.contains("UPDATE_NAMES=1"), "{text}");
    let sdk = |text: &str| text.lines().filter(|line| line.contains("connections_active")).count();
    assert_eq!(sdk(&text), 0, "{text}");
    let with_edge = names().part("edge").edge_subsystem("front").to_string();
    assert!(with_edge.contains("\nacme_front_connections_active gauge\n"), "{with_edge}");
}

/// Metrics of a domain are listed if an extension activates it.
#[test]
fn domains_are_listed_where_they_are_active() {
    let without = names().to_string();
    assert!(!without.contains("acme_llm_"), "{without}");
    let with = names().with(phoenix_otel::platform::Platform::new()).to_string();
    assert!(with.contains("\nacme_llm_requests_total{model,status} counter\n"), "{with}");
}

/// The list and a scrape have the same names for this module.
#[test]
fn the_list_matches_a_scrape() {
    isolated!();
    let builder = phoenix_otel::builder("anything").namespace("acme").subsystem("shop");
    let telemetry: Telemetry = builder.exporter("prometheus").without_listener().init().unwrap();
    ORDERS.add(1, ORDERS { shop: "a", channel: "b" });
    ORDER_DURATION.record(1.0, ORDER_DURATION { shop: "a" });
    ANSWER.record(1.0, ());
    STOCK.set(1.0, ());
    REQUESTS.add(1, REQUESTS { shop: "a", status: Status::Ok });
    names_plan();
    names_take();
    names_own();
    // Without an error there is no series of errors.
    let ours = |name: &str| {
        let starts = ["names_", "acme_names_", "acme_shop_"].iter().any(|start| name.starts_with(start));
        starts && !name.contains("_errors_total")
    };
    let exposition = telemetry.exposition().unwrap();
    let types = exposition.lines().filter_map(|line| line.strip_prefix("# TYPE ")).filter(|line| ours(line));
    let exported: BTreeSet<String> = types.map(str::to_owned).collect();
    let list = names().to_string();
    let listed = list.lines().filter(|line| ours(line)).filter_map(|line| {
        // Without labels. The line of a function has no type.
        let (named, kind) = line.split_once(' ')?;
        Some(format!("{} {kind}", named.split('{').next()?))
    });
    assert_eq!(exported, listed.collect::<BTreeSet<String>>());
}

#[test]
fn a_difference_is_shown_with_the_way_to_accept_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.txt");
    let missing = names().check(&file).unwrap_err().to_string();
    assert!(missing.contains("  + names_orders_total{channel,shop} counter\n"), "{missing}");

    let list = names().to_string();
    // As in a checkout on Windows.
    fs::write(&file, list.replace('\n', "\r\n")).unwrap();
    names().check(&file).unwrap();

    fs::write(&file, list.replace("names_orders_total{channel,shop}", "names_orders_total{shop}")).unwrap();
    let error = names().check(&file).unwrap_err();
    let NamesError::Mismatch { missing, added, .. } = &error else { panic!("{error}") };
    assert_eq!(*missing, ["names_orders_total{shop} counter"]);
    assert_eq!(*added, ["names_orders_total{channel,shop} counter"]);
    let expected = "  + names_orders_total{channel,shop} counter\n  - names_orders_total{shop} counter\n";
    assert!(error.to_string().contains(expected), "{error}");
    // A test that returns or unwraps the error prints it with `Debug`.
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(error.to_string().ends_with("UPDATE_NAMES=1 cargo test"), "{error}");

    let unreadable = names().check(folder.path()).unwrap_err();
    assert!(matches!(unreadable, NamesError::File { .. }), "{unreadable}");
}

#[test]
fn invalid_names_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.txt");
    for (names, said) in [
        (names().part("nonsense"), "`Names::part(\"nonsense\")`: there is no such part; this build has: "),
        (Names::new("Bad Sub"), "`Names::new(\"Bad Sub\")`: this is not a valid part of metric names"),
        (Names::new("sub_total"), "`Names::new(\"sub_total\")`"),
        (names().namespace(""), "`Names::namespace(\"\")`"),
        (names().edge_subsystem("a-b"), "`Names::edge_subsystem(\"a-b\")`"),
    ] {
        let error = names.check(&file).unwrap_err();
        assert!(matches!(error, NamesError::InvalidSetting { .. }) && error.to_string().starts_with(said), "{error}");
    }
    let parts = names().part("nonsense").check(&file).unwrap_err().to_string();
    assert!(parts.contains("circuit_breaker, edge, "), "{parts}");
    let empty = Names::new("").edge_subsystem("").part("edge");
    fs::write(&file, empty.to_string()).unwrap();
    empty.check(&file).unwrap();
}

#[test]
fn the_variable_rewrites_the_list() {
    if is_child() {
        let checked = names().check(std::env::var_os("LIST").unwrap());
        return assert_eq!(checked.is_ok(), std::env::var_os("UPDATE_NAMES").unwrap() != "0", "{checked:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.txt");
    run(this_test!(), &[("UPDATE_NAMES", "0"), ("LIST", file.to_str().unwrap())]);
    assert!(!file.exists(), "it is not to be written");
    run(this_test!(), &[("UPDATE_NAMES", "1"), ("LIST", file.to_str().unwrap())]);
    assert_eq!(fs::read_to_string(&file).unwrap(), names().to_string());
    names().check(&file).unwrap();
}
