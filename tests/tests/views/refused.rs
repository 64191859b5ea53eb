//! Views that cannot hold, and names that the SDK would refuse without a word.

use phoenix_otel::{InitError, View};

use crate::metrics::alone;
use crate::ours::builder;

fn refused(views: impl IntoIterator<Item = View>) -> String {
    match builder(views).init() {
        Err(error @ InitError::View(_)) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let _alone = alone();
    let told = refused([
        View::select("acme.*").rename("acme.all"),
        View::select("acme.orders").bounds([1.0]),
        View::select("acme.size").bounds([2.0, 1.0]).keep_attributes(["chanel"]),
        View::select("acme.paid").cap(0),
    ]);
    assert_eq!(told.lines().count(), 6, "{told}");
    for problem in [
        "the views cannot be used:",
        "  the view of `acme.*`: `acme.all` would be the name of several metrics",
        "  the view of `acme.orders`: it sets buckets, and the metric is of the kind Counter",
        "  the view of `acme.size`: the bound 1 does not exceed the one before, 2",
        "  the view of `acme.size`: the metric has no attribute `chanel`; it has `channel`, `tenant`",
        "  the view of `acme.paid`: the cap is 0",
    ] {
        assert!(told.contains(problem), "{told}");
    }
}

#[test]
fn metrics_that_would_meet_are_told() {
    let _alone = alone();
    let told = refused([View::select("acme.orders").rename("acme.paid")]);
    assert!(told.contains("`acme.orders` and `acme.paid` would both be `acme_paid_total` in Prometheus"), "{told}");
    // With what instrumented functions record, too.
    let told = refused([View::select("acme.orders").rename("phoenix.mill.requests")]);
    assert!(told.contains("`phoenix_mill_requests_total`"), "{told}");
}

#[test]
fn a_name_that_the_sdk_would_refuse_is_told() {
    let _alone = alone();
    let error = builder([]).namespace("a".repeat(250)).init().err().expect("a name of more than 255 characters");
    assert!(matches!(error, InitError::Catalog(_)), "{error}");
    assert!(error.to_string().contains("a name has at most 255 characters"), "{error}");
}
