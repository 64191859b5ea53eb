//! Views and bounds of instrumented functions and of call sets.

use phoenix_otel::opentelemetry_sdk::error::OTelSdkResult;
use phoenix_otel::opentelemetry_sdk::metrics::Temporality;
use phoenix_otel::opentelemetry_sdk::metrics::data::ResourceMetrics;
use phoenix_otel::opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use phoenix_otel::{ErrorType, Status, View, instrument_metrics, metrics};
use phoenix_otel_tests::Samples;

use super::points::{pushed, scraped};
use super::telemetry::{Ours, builder};

const SLOW: [f64; 3] = [1.0, 10.0, 100.0];

#[derive(Debug, ErrorType)]
enum Failed {
    Empty,
}

#[instrument_metrics(subsystem = "mill")]
fn grind() {}

#[instrument_metrics(subsystem = "mill", bounds = [0.5, 5.0])]
fn sift(n: u32) -> Result<u32, Failed> {
    if n == 0 { Err(Failed::Empty) } else { Ok(n) }
}

struct Mill;

#[instrument_metrics(subsystem = "mill", bounds = SLOW)]
impl Mill {
    fn open(&self) {}

    #[instrument_metrics(bounds = [7.0])]
    fn close(&self) {}
}

metrics! {
    /// Loaves baked.
    static LOAVES: Counter { oven: &str, status: Status } = "views.bakery.loaves" { unit: "{loaf}", cap: 400 };
    /// Time to bake.
    static BAKING: Histogram { oven: &str } = "views.bakery.baking" { unit: "s", bounds: [1.0] };
    /// Loaves spoiled.
    static SPOILED: Counter { oven: &str, error_type: &str } = "views.bakery.spoiled" { unit: "{loaf}" };
    /// Loaves in ovens.
    static IN_OVENS: UpDownCounter { oven: &str } = "views.bakery.in_ovens" { unit: "{loaf}" };
    /// One loaf.
    static BAKE: CallSet { oven: &str } = { requests: LOAVES, duration: BAKING, errors: SPOILED, active: IN_OVENS };
}

#[instrument_metrics(BAKE { oven })]
fn bake(oven: &str, n: u32) -> Result<u32, Failed> {
    sift(n)
}

fn bounds(samples: &Samples, name: &str, method: &str) -> Vec<String> {
    samples.all(name, &[("method", method)]).map(|sample| sample.labels["le"].clone()).collect()
}

const DURATION: &str = "phoenix_mill_request_duration_seconds";

#[test]
fn each_function_has_its_bounds_in_one_metric() {
    phoenix_otel_tests::isolated!();
    let ours = Ours::start([]);
    grind();
    Mill.open();
    Mill.close();
    let _ = (sift(1), sift(0));
    let exposition = ours.exposition();
    let samples = Samples::parse(&exposition);
    let bucket = format!("{DURATION}_bucket");
    assert_eq!(bounds(&samples, &bucket, "sift"), ["0.5", "5", "+Inf"]);
    assert_eq!(bounds(&samples, &bucket, "open"), ["1", "10", "100", "+Inf"]);
    assert_eq!(bounds(&samples, &bucket, "close"), ["7", "+Inf"]);
    assert!(bounds(&samples, &bucket, "grind").len() > 10);
    assert_eq!(exposition.matches(&format!("# TYPE {DURATION} histogram")).count(), 1);
    assert_eq!(samples.get(&format!("{DURATION}_count"), &[("method", "sift")]), Some(2.0));
    for (name, labels) in scraped(&exposition, DURATION).keys() {
        let known = ["method", "le"];
        assert!(labels.keys().all(|label| known.contains(&label.as_str())), "{name} {labels:?}");
    }
    // In OTLP it is one metric of one scope, whose points have different bounds.
    let request = ours.pushed();
    let scopes: Vec<_> = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics).collect();
    let of_ours: Vec<_> = scopes
        .iter()
        .filter(|scope| scope.metrics.iter().any(|metric| metric.name.starts_with("phoenix.mill.")))
        .collect();
    let [scope] = of_ours[..] else { panic!("{of_ours:?}") };
    assert_eq!(scope.metrics.iter().filter(|metric| metric.name == "phoenix.mill.request.duration").count(), 1);
    let scope = scope.scope.as_ref().expect("a scope");
    assert_eq!((&*scope.name, scope.attributes.len()), ("phoenix-otel", 0), "{scope:?}");
    assert!(scope.version.starts_with(char::is_numeric), "{scope:?}");
    let metrics = pushed(&request, "phoenix.mill.request.duration");
    let shown = format!("{metrics:?}");
    for (method, bounds) in [("sift", "[0.5, 5.0]"), ("open", "[1.0, 10.0, 100.0]"), ("close", "[7.0]")] {
        assert!(shown.contains(&format!("\"method={method}\": \"{bounds} ")), "{shown}");
    }
    assert_eq!(metrics.len(), 1);
}

/// For `export_into`, and for a foreign exporter, which gets the SDK's data.
#[test]
fn bounds_are_not_part_of_the_scope_name() {
    phoenix_otel_tests::isolated!();
    let registry = prometheus::Registry::new();
    let (scopes, seen) = std::sync::mpsc::channel();
    let telemetry = builder([]).export_into(registry.clone()).push_exporter("scopes", Scopes(scopes)).init();
    let telemetry = telemetry.expect("it starts");
    let _ = (sift(1), grind());
    telemetry.force_flush().into_result().expect("the exporter takes all");
    let scopes: Vec<(String, Option<String>)> = seen.try_iter().collect();
    assert!(scopes.contains(&("phoenix-otel".to_owned(), Some("0.5,5".to_owned()))), "{scopes:?}");
    assert!(scopes.contains(&("phoenix-otel".to_owned(), None)), "{scopes:?}");
    assert!(scopes.iter().all(|(name, _)| !name.contains('/')), "{scopes:?}");
    let family = registry.gather().into_iter().find(|family| family.name() == DURATION).expect("it is exported");
    let labels = family.get_metric().iter().flat_map(|metric| metric.get_label()).map(|label| label.name().to_owned());
    let labels: std::collections::BTreeSet<String> = labels.collect();
    assert_eq!(labels.into_iter().collect::<Vec<_>>(), ["method", "service"]);
}

/// Keeps the name of each scope, and its attribute `bounds`.
struct Scopes(std::sync::mpsc::Sender<(String, Option<String>)>);

impl PushMetricExporter for Scopes {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        for metrics in metrics.scope_metrics() {
            let scope = metrics.scope();
            let bounds = scope.attributes().find(|attribute| attribute.key.as_str() == "bounds");
            let _ = self.0.send((scope.name().to_owned(), bounds.map(|bounds| bounds.value.to_string())));
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: std::time::Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

#[test]
fn the_zeros_of_a_function_have_its_bounds() {
    phoenix_otel_tests::isolated!();
    let telemetry = builder([]).init().expect("init succeeds");
    let samples = Samples::of(&telemetry);
    assert_eq!(bounds(&samples, &format!("{DURATION}_bucket"), "sift"), ["0.5", "5", "+Inf"]);
    assert_eq!(samples.get(&format!("{DURATION}_count"), &[("method", "sift")]), Some(0.0));
}

#[test]
fn a_view_comes_before_the_attribute() {
    phoenix_otel_tests::isolated!();
    let view = View::select("phoenix.mill.request.duration").bounds([3.0]).rename("mill.duration");
    let telemetry = builder([view]).init().expect("the view is right");
    grind();
    Mill.open();
    let samples = Samples::of(&telemetry);
    for method in ["grind", "open", "sift"] {
        assert_eq!(bounds(&samples, "mill_duration_seconds_bucket", method), ["3", "+Inf"], "{method}");
    }
    assert_eq!(samples.all(&format!("{DURATION}_bucket"), &[]).count(), 0);
}

#[test]
fn functions_share_a_series_without_the_method_label() {
    phoenix_otel_tests::isolated!();
    let telemetry = builder([View::select("phoenix.mill.*").drop_attributes(["method"])]).init().expect("it is right");
    for n in [1, 0, 2] {
        let _ = sift(n);
        grind();
    }
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("phoenix_mill_requests_total", &[("status", "ok")]), Some(5.0));
    assert_eq!(samples.get("phoenix_mill_requests_total", &[("status", "error")]), Some(1.0));
    assert_eq!(samples.get("phoenix_mill_requests_active", &[]), Some(0.0));
    assert_eq!(samples.get("phoenix_mill_errors_total", &[("error_type", "empty")]), Some(1.0));
    assert_eq!(samples.sum(&format!("{DURATION}_count"), &[]), 6.0);
    let bucket = format!("{DURATION}_bucket");
    // The bounds of one function would apply to all functions. So the metric's own bounds apply, whichever function was called or linked first.
    let bounds: Vec<_> = samples.all(&bucket, &[]).map(|sample| &*sample.labels["le"]).collect();
    let of_metric = phoenix_otel::catalog::function::REQUEST_DURATION::DEF.bounds;
    assert_eq!(bounds.len(), of_metric.len() + 1, "{bounds:?}");
    for bound in of_metric {
        assert!(bounds.contains(&&*bound.to_string()), "{bound} in {bounds:?}");
    }
}

#[test]
fn calls_are_counted_without_some_metrics_and_labels() {
    phoenix_otel_tests::isolated!();
    let metrics = ["requests", "request.duration", "errors", "requests.active"];
    let exported = |samples: &Samples| {
        let names = ["requests_total", "request_duration_seconds_count", "errors_total", "requests_active"];
        names.map(|name| {
            samples.all(&format!("phoenix_mill_{name}"), &[("method", "sift")]).map(|s| s.value).sum::<f64>()
        })
    };
    for (at, metric) in metrics.iter().enumerate() {
        let view = View::select(format!("phoenix.mill.{metric}")).drop_metric();
        let telemetry = builder([view]).init().expect("it is right");
        let _ = (sift(1), sift(0));
        let mut expected = [2.0, 2.0, 1.0, 0.0];
        expected[at] = 0.0;
        assert_eq!(exported(&Samples::of(&telemetry)), expected, "{metric}");
    }
    // Without the status, the four counts become one.
    let telemetry =
        builder([View::select("phoenix.mill.requests").drop_attributes(["status"])]).init().expect("it is right");
    let _ = (sift(1), sift(0));
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("phoenix_mill_requests_total", &[("method", "sift")]), Some(2.0));
    assert_eq!(samples.get("phoenix_otel_series", &[("metric", "phoenix_mill_requests_total")]), Some(4.0));
}

#[test]
fn a_call_set_without_a_label_adds_up_its_values() {
    phoenix_otel_tests::isolated!();
    let views = [
        View::select("views.bakery.*").drop_attributes(["oven"]),
        View::select("views.bakery.loaves").rename("views.bakery.loaves.by_oven").cap(40),
    ];
    let telemetry = builder(views).init().expect("it is right");
    let ovens: Vec<String> = (0..3000).map(|n| format!("oven {n}")).collect();
    for oven in &ovens {
        let _ = bake(oven, u32::from(oven.len() > 6));
    }
    let samples = Samples::of(&telemetry);
    let [ok, failed] = [2990.0, 10.0];
    assert_eq!(samples.get("views_bakery_loaves_total", &[("status", "ok")]), Some(ok));
    assert_eq!(samples.get("views_bakery_loaves_total", &[("status", "error")]), Some(failed));
    assert_eq!(samples.get("views_bakery_baking_seconds_count", &[]), Some(3000.0));
    assert_eq!(samples.get("views_bakery_spoiled_total", &[("error_type", "empty")]), Some(failed));
    assert_eq!(samples.get("views_bakery_in_ovens", &[]), Some(0.0));
    assert_eq!(samples.all("views_bakery_loaves_by_oven_total", &[]).count(), 41);
    assert_eq!(samples.sum("views_bakery_loaves_by_oven_total", &[]), 3000.0);
    let overflowed = samples.get("phoenix_otel_overflow_total", &[("metric", "views_bakery_loaves_by_oven_total")]);
    assert_eq!(overflowed, Some(2990.0));
}
