//! The lint: each rule finds its mistake and nothing else, and the whole catalog passes.

use std::convert::Infallible;
use std::fmt;
use std::num::ParseIntError;
use std::pin::Pin;

use phoenix_otel::MetricDef;
use phoenix_otel::catalog::lint::{duplicates, functions, lint, lint_with_exceptions};
use phoenix_otel::catalog::{Kind, LabelDef};
use phoenix_otel::platform::kb;
use phoenix_otel::{ErrorType, instrument_metrics};

const fn counter(name: &'static str) -> MetricDef {
    MetricDef::new(Kind::Counter, name, "Orders placed.", "shop")
}

const fn gauge(name: &'static str) -> MetricDef {
    MetricDef::new(Kind::Gauge, name, "Orders waiting.", "shop")
}

const fn histogram(bounds: &'static [f64]) -> MetricDef {
    MetricDef::new(Kind::Histogram, "acme.duration", "Time of an order.", "shop").unit("s").bounds(bounds)
}

/// Names of the platform that the contract prescribes.
const OF_THE_CONTRACT: [(&str, &str); 2] = [
    (kb::ENTRIES::DEF.name, "the contract names this gauge so"),
    (kb::SEARCH_RESULTS::DEF.name, "the contract names this histogram so"),
];

#[test]
fn the_whole_catalog_passes() {
    let defs: Vec<_> = phoenix_otel_tests::catalog::declared().collect();
    assert!(defs.len() >= 7, "the crate's own metrics are registered");
    let findings: Vec<String> = lint_with_exceptions(defs, &OF_THE_CONTRACT).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn valid_metrics_pass() {
    const LABELS: &[LabelDef] =
        &[LabelDef::string("tenant"), LabelDef::closed("otel.component.type", &["reader", "exporter"])];
    const CLOSED: &[LabelDef] = &[LabelDef::closed("a", &["x", "y"])];
    let right = [
        counter("acme.orders").unit("{order}").labels(LABELS),
        counter("phoenix.{subsystem}.requests"),
        counter("phoenix.llm.cost.dollars").unit("{USD}"),
        gauge("acme.cache_hit").unit("1"),
        gauge("acme.rate").unit("By/s"),
        gauge("acme.pace").unit("{order}/s"),
        gauge("acme.disk-used/home").unit("By"),
        histogram(&[-1.0, 0.0, 0.5]),
        counter("acme.closed").labels(CLOSED).cap(2),
    ];
    assert_eq!(lint(&right), []);
}

#[test]
fn each_mistake_is_found_once() {
    const LE: &[LabelDef] = &[LabelDef::string("le")];
    const UNDERSCORES: &[LabelDef] = &[LabelDef::string("__name__")];
    const SCOPE: &[LabelDef] = &[LabelDef::string("otel.scope.name")];
    const OVERFLOW: &[LabelDef] = &[LabelDef::string("otel_metric_overflow")];
    const ILLEGAL: &[LabelDef] = &[LabelDef::string("order-type")];
    const TWICE: &[LabelDef] = &[LabelDef::string("order.type"), LabelDef::string("order_type")];
    const NO_VALUES: &[LabelDef] = &[LabelDef::closed("a", &[])];
    const EMPTY: &[LabelDef] = &[LabelDef::closed("a", &["x", ""])];
    const SAME: &[LabelDef] = &[LabelDef::closed("a", &["x", "x"])];
    const MANY: &[LabelDef] =
        &[LabelDef::closed("a", &["x", "y"]), LabelDef::string("b"), LabelDef::closed("c", &["x", "y"])];
    let wrong = [
        (counter("1acme"), "start with a letter"),
        (counter(""), "start with a letter"),
        (counter("acme orders"), "` ` is not allowed in a metric's name"),
        (counter("acme.{domain}.orders"), "`{` is not allowed in a metric's name"),
        (counter("acme.x{subsystem}.orders"), "whole part"),
        (counter("acme..orders"), "`__`"),
        (counter("acme.orders_"), "`__`"),
        (counter("acme.orders.total"), "`total`"),
        (counter("acme.total_orders"), "`total`"),
        (counter("acme.orders.sum"), "`_sum` is the ending"),
        (gauge("acme.orders.count"), "`_count` is the ending"),
        (gauge("acme.build.info"), "`_info` is the ending"),
        (gauge("acme.hit.ratio").unit("1"), "adds `_ratio`: remove `ratio`"),
        (counter("acme.hit.ratio"), "a ratio must be a gauge"),
        (counter("acme.used.bytes").unit("By"), "adds `_bytes`"),
        (counter("acme.cost").unit("USD"), "the unit `USD` is unknown"),
        (gauge("acme.open").unit("{}"), "the unit `{}` is unknown"),
        (gauge("acme.open").unit("By/order"), "the unit `By/order` is unknown"),
        (gauge("acme.age").unit("ms"), "record in `s`"),
        (counter("acme.orders").unit("1"), "the unit `1` is for ratios"),
        (histogram(&[]), "no bounds"),
        (histogram(&[1.0, f64::INFINITY]), "inf is not finite"),
        (histogram(&[f64::NAN]), "NaN is not finite"),
        (histogram(&[1.0, 1.0]), "is not greater than"),
        (histogram(&[2.0, 1.0]), "is not greater than"),
        (gauge("acme.open").bounds(&[1.0]), "only a histogram"),
        (counter("acme.orders").cap(0), "the cap is 0"),
        (counter("acme.orders").cap(4_000_000_000), "the maximum is 1,000,000 series"),
        (counter("acme.orders").labels(MANY).cap(3), "4 combinations, but the cap is 3"),
        (counter("acme.orders").labels(LE), "`le` is reserved by"),
        (counter("acme.orders").labels(UNDERSCORES), "`__name__` is reserved by"),
        (counter("acme.orders").labels(SCOPE), "`otel.scope.name` is reserved by"),
        (counter("acme.orders").labels(OVERFLOW), "`otel_metric_overflow` is reserved by"),
        (counter("acme.orders").labels(ILLEGAL), "`order-type` is invalid"),
        (counter("acme.orders").labels(TWICE), "two labels are `order_type`"),
        (counter("acme.orders").labels(NO_VALUES), "has no values"),
        (counter("acme.orders").labels(EMPTY), "is empty"),
        (counter("acme.orders").labels(SAME), "`a` has the value `x` twice"),
        (MetricDef::new(Kind::Counter, "acme.orders", "", "shop"), "missing"),
        (MetricDef::new(Kind::Counter, "acme.orders", "Orders placed", "shop"), "full stop"),
        (MetricDef::new(Kind::Counter, "acme.orders", "Orders\nplaced.", "shop"), "one line"),
    ];
    for (def, advice) in &wrong {
        let findings = lint([def]);
        assert_eq!(findings.len(), 1, "{findings:?} for {def:?}");
        assert!(findings[0].advice.contains(advice), "{}", findings[0]);
        assert_eq!((findings[0].metric, findings[0].module), (def.name, "shop"));
    }
}

#[test]
fn a_finding_is_accepted_by_name_and_with_a_reason() {
    let (orders, other) = (gauge("acme.orders.count"), gauge("acme.other.count"));
    let found = |accepted: &[(&'static str, &'static str)]| {
        lint_with_exceptions([&orders, &other], accepted).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let [left] = &*found(&[("acme.orders.count", "a dashboard")]) else { panic!("one finding is left") };
    assert!(left.starts_with("`acme.other.count`"), "{left}");
    let both = [("acme.orders.count", "a dashboard"), ("acme.other.count", "a dashboard"), ("acme.gone", "an alert")];
    let needless = "`acme.gone`, declared in no crate of the program: it breaks no rule: remove it from the accepted names (an alert)";
    assert_eq!(found(&both), [needless]);
    let meets = histogram(&[1.0]);
    let names = [("acme.duration", "a dashboard")];
    let twice = lint_with_exceptions([&meets, &histogram(&[2.0])], &names);
    assert_eq!(twice.len(), 2, "two meanings are not accepted: {twice:?}");
}

#[test]
fn one_name_must_have_one_label_set() {
    const A: &[LabelDef] = &[LabelDef::string("a"), LabelDef::string("b")];
    const REVERSED: &[LabelDef] = &[LabelDef::string("b"), LabelDef::string("a")];
    let first = counter("acme.orders").labels(A);
    assert_eq!(duplicates([&first, &first, &counter("acme.orders").labels(REVERSED), &counter("acme.other")]), []);
    for (second, what) in [
        (counter("acme.orders"), "the labels [\"a\", \"b\"] instead of []"),
        (gauge("acme.orders").labels(A), "the kind Counter instead of Gauge"),
        (counter("acme.orders").labels(A).unit("By"), "the unit `` instead of `By`"),
        (counter("acme_orders").labels(A), "the name `acme.orders`, which is the same in Prometheus"),
        (counter("acme.Orders").labels(A), "the name `acme.orders`, which is the same in Prometheus"),
    ] {
        let findings = duplicates([&first, &second]);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].advice.contains(what), "{}", findings[0]);
    }
}

#[test]
fn names_that_collide_only_in_prometheus_are_found() {
    let wait = histogram(&[1.0]);
    for (first, second, what) in [
        (histogram(&[1.0]), gauge("acme.duration.seconds"), "the name `acme.duration`"),
        (histogram(&[1.0]), histogram(&[2.0, 3.0]), "the bounds [1.0] instead of [2.0, 3.0]"),
        (counter("acme.size").unit("By"), counter("acme.size.bytes"), "the name `acme.size`"),
        (
            gauge("acme.duration.seconds_bucket"),
            histogram(&[1.0]),
            "it would share the name `acme_duration_seconds_bucket` in Prometheus with `acme.duration.seconds_bucket`",
        ),
        // In OpenMetrics the family of a counter has no suffix `_total`.
        (histogram(&[1.0]), counter("acme.duration.seconds"), "the name `acme.duration`"),
        (histogram(&[1.0]), counter("acme.duration.seconds.sum"), "share the name `acme_duration_seconds_sum`"),
        (gauge("acme.orders.created"), counter("acme.orders"), "share the name `acme_orders_created`"),
        (counter("acme.orders"), gauge("target.info"), "`target_info` is reserved"),
        (counter("acme.orders"), counter("otel.scope"), "`otel_scope_info` is reserved"),
    ] {
        let findings = duplicates([&first, &second]);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].advice.contains(what), "{}", findings[0]);
    }
    assert_eq!(duplicates([&wait, &gauge("acme.duration_total")]), []);
    // Only the instrument's name, without its unit, looks like a series of the other.
    assert_eq!(duplicates([&histogram(&[1.0]).unit(""), &gauge("acme.duration.sum").unit("By")]), []);
}

/// Functions with errors that are named in different ways.
mod errors {
    use super::{ErrorType, Infallible, ParseIntError, Pin, fmt, instrument_metrics};

    #[derive(Debug, ErrorType)]
    pub(super) enum Derived {
        Late,
    }

    pub(super) type ParseResult<E = ParseIntError> = Result<u32, E>;

    #[instrument_metrics]
    pub(super) fn lint_parse(text: &str) -> ParseResult {
        text.parse()
    }

    #[instrument_metrics]
    pub(super) async fn lint_boxed() -> Result<u32, Box<dyn std::error::Error>> {
        Err("late".into())
    }

    #[instrument_metrics]
    pub(super) fn lint_held() -> anyhow::Result<u32> {
        Ok(1)
    }

    #[instrument_metrics(error_if = |parsed| parsed.is_err())]
    pub(super) fn lint_future() -> Pin<Box<dyn Future<Output = Result<u32, fmt::Error>>>> {
        Box::pin(async { Ok(1) })
    }

    #[instrument_metrics]
    pub(super) fn lint_right_derived() -> Result<u32, Box<Derived>> {
        Err(Box::new(Derived::Late))
    }

    #[instrument_metrics]
    pub(super) fn lint_right_io() -> std::io::Result<u32> {
        Ok(1)
    }

    #[instrument_metrics]
    pub(super) fn lint_right_status() -> Result<u32, http::StatusCode> {
        Ok(1)
    }

    #[instrument_metrics]
    pub(super) fn lint_right_grpc() -> Result<u32, Box<tonic::Status>> {
        Ok(1)
    }

    #[instrument_metrics]
    pub(super) fn lint_right_infallible() -> Result<u32, Infallible> {
        Ok(1)
    }

    #[instrument_metrics]
    pub(super) fn lint_right_option() -> Option<u32> {
        None
    }

    #[instrument_metrics]
    pub(super) fn lint_right_parameter<E>(error: E) -> Result<u32, E> {
        Err(error)
    }

    #[instrument_metrics(error_type = |_| "syntax")]
    pub(super) fn lint_right_named(text: &str) -> ParseResult {
        text.parse()
    }
}

#[test]
fn errors_named_only_by_their_type_are_found() {
    use errors::*;
    let findings = functions(phoenix_otel::instrumented());
    let mut found: Vec<String> =
        findings.iter().filter(|finding| finding.method.starts_with("lint_")).map(ToString::to_string).collect();
    found.sort();
    const DERIVE: &str = "derive `phoenix_otel::ErrorType` if the type is yours";
    let expected = [
        (
            "lint_boxed (",
            "by the first error in the `alloc::boxed::Box<dyn core::error::Error>`",
            "with `error_type = |error| …`",
        ),
        ("lint_future (", "`error_type=\"fmt_error\"`, after the type `core::fmt::Error`", DERIVE),
        ("lint_held (", "by the first error in the `anyhow::Error`", "with `error_type = |error| …`"),
        ("lint_parse (", "`error_type=\"parse_int_error\"`, after the type `core::num::error::ParseIntError`", DERIVE),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, (function, named, advice)) in found.iter().zip(expected) {
        assert_eq!(found.contains("derive"), advice == DERIVE, "{found}");
        for part in [function, "lint.rs:", named, advice] {
            assert!(found.contains(part), "{part} in {found}");
        }
    }
    assert!(lint_parse("x").is_err() && lint_right_named("x").is_err() && lint_right_parameter("x").is_err());
    assert!(lint_held().is_ok());
    assert!(lint_right_derived().is_err() && lint_right_io().is_ok() && lint_right_status().is_ok());
    assert!(lint_right_grpc().is_ok() && lint_right_infallible().is_ok() && lint_right_option().is_none());
    drop((lint_boxed(), lint_future()));
}
