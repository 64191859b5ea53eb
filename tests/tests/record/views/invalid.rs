//! Invalid views, and names that the SDK would silently reject.

use phoenix_otel::View;

use super::telemetry::builder;

fn refused(views: impl IntoIterator<Item = View>) -> String {
    let error = builder(views).init().expect_err("it cannot start");
    assert!(error.views().count() > 0, "{error}");
    error.to_string()
}

#[test]
fn every_problem_is_reported_at_once() {
    phoenix_otel_tests::isolated!();
    let messages = refused([
        View::select("views.compared.*").rename("views.compared.all"),
        View::select("views.compared.orders").bounds([1.0]),
        View::select("views.compared.size").bounds([2.0, 1.0]).keep_attributes(["chanel"]),
        View::select("views.compared.paid").cap(0),
    ]);
    assert_eq!(messages.lines().count(), 6, "{messages}");
    for problem in [
        "the views are invalid:",
        "  the view of `views.compared.*`: `views.compared.all` would be the name of several metrics",
        "  the view of `views.compared.orders`: it sets buckets, but the metric is of the kind Counter",
        "  the view of `views.compared.size`: the bound 1 is not greater than the previous bound 2",
        "  the view of `views.compared.size`: the metric has no attribute `chanel`; its attributes: `channel`, `tenant`",
        "  the view of `views.compared.paid`: the cap is 0",
    ] {
        assert!(messages.contains(problem), "{messages}");
    }
}

#[test]
fn colliding_metrics_are_reported() {
    phoenix_otel_tests::isolated!();
    let messages = refused([View::select("views.compared.orders").rename("views.compared.paid")]);
    assert!(
        messages.contains(
            "`views.compared.orders` and `views.compared.paid` would both take the name `views_compared_paid` in Prometheus"
        ),
        "{messages}"
    );
    // With what instrumented functions record, too.
    let messages = refused([View::select("views.compared.orders").rename("phoenix.mill.requests")]);
    assert!(messages.contains("`phoenix_mill_requests`"), "{messages}");
    // A counter is called by its name without `_total` in OpenMetrics, as a histogram is.
    let messages = refused([View::select("views.compared.orders").rename("phoenix.mill.request.duration.seconds")]);
    assert!(messages.contains("`phoenix_mill_request_duration_seconds` in Prometheus"), "{messages}");
    let messages = refused([View::select("views.compared.orders").rename("target")]);
    assert!(messages.contains("`target_info` is reserved for the exposition itself"), "{messages}");
}

#[test]
fn an_invalid_name_is_reported() {
    phoenix_otel_tests::isolated!();
    let error = builder([]).namespace("a".repeat(250)).init().expect_err("names that the SDK refuses");
    let mut metrics = error.metrics();
    assert!(metrics.all(|metric| metric.advice.contains("a metric's name has at most 255 characters")), "{error}");
}
