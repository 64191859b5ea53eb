//! `init` reports all problems of each kind at once, and a failed `init` changes nothing.

use std::error::Error;
use std::net::TcpListener;
use std::time::Duration;

use phoenix_otel::{
    Builder, Component, Domain, ExporterSettings, Extension, MetricProblemKind, Origin, Otlp, ProblemKind, Prometheus,
    PushExporter, View, ViewProblemKind, metrics,
};
use phoenix_otel_tests::isolated;

use super::exporters::test_double::{Act, Double};

const CLASH: Domain = Domain::new("one_report_clash");

metrics! {
    domain = CLASH;

    /// Also recorded by the functions of the subsystem.
    static FAILED: Counter { reason: &str } = "phoenix.one_report.errors" { unit: "{call}" };
}

mod other {
    use super::CLASH;

    phoenix_otel::metrics! {
        domain = CLASH;

        /// The same name as a metric in `again`, with another kind.
        static SENT: Counter = "one_report.sent" { unit: "{letter}" };
    }
}

mod again {
    use super::CLASH;

    phoenix_otel::metrics! {
        domain = CLASH;

        /// The same name as a metric in `other`, with another kind.
        static SENT: Gauge = "one_report.sent" { unit: "{letter}" };
    }
}

/// An extension whose metrics collide.
struct Clashing;

impl Extension for Clashing {
    fn domains(&self) -> Vec<Domain> {
        vec![CLASH]
    }
}

fn fails(_: &ExporterSettings) -> Result<Component, Box<dyn Error + Send + Sync>> {
    Err("no licence".into())
}

#[phoenix_otel::instrument_metrics(subsystem = "one_report")]
fn instrumented() {}

#[test]
fn one_report_has_problems_of_each_kind() {
    isolated!();
    instrumented();
    let fine = || Double::new(Act::Fine);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (registry, double) = (prometheus::Registry::new(), fine());
    let builder =
        |of: &str| phoenix_otel::builder(of.to_owned()).environment([("OTEL_METRIC_EXPORT_INTERVAL", "soon")]);
    let holder = builder("holder").without_exporter().export_into(registry.clone()).init().unwrap();
    let error = builder("one-report")
        .with(Clashing)
        .export_timeout(Duration::ZERO)
        .view(View::select("one_report.sent").cap(0))
        .exporter_provider("fails", fails)
        .exporter(Prometheus::new().host("127.0.0.1").port(port))
        .exporter(Otlp::new().endpoint("ftp://away"))
        .exporter(Otlp::new().name("secure").endpoint("https://away").certificate("/no/such.pem"))
        .exporter("fails")
        .exporter("carrier-pigeon")
        .push_exporter("fine", double.clone())
        .push_exporter("fine", PushExporter::new(fine()).interval(Duration::ZERO))
        .export_into(registry.clone())
        .init()
        .expect_err("it cannot start");
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let expected = [
        "the configuration is invalid:",
        "  OTEL_METRIC_EXPORT_INTERVAL: invalid value \"soon\"",
        "  builder: export_timeout: invalid value \"0",
        "  builder: otlp: endpoint: invalid value \"ftp://away\"",
        "  builder: exporter: invalid value \"carrier-pigeon\"; allowed: one of prometheus, otlp, otlp/stdout, console, fails",
        "  builder: push_exporter \"fine\": interval: invalid value \"0",
        "  builder: push_exporter: invalid value \"fine\"; allowed: a name that no other exporter has",
        "  builder: secure: certificate: ",
        "  builder: exporter: invalid value \"fails\"; allowed: an exporter that can be created; this one failed: no licence",
        "the declared metrics are invalid:",
        "  `one_report.sent`, declared in ",
        "  `phoenix.one_report.errors`: instrumented functions record a metric with this name",
        "the views are invalid:",
        "  the view of `one_report.sent`: the cap is 0",
        "the registry given to `export_into` rejects the metrics: ",
    ];
    assert_eq!(lines.len(), expected.len(), "{text}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{expected}\n{text}");
    }
    assert!(error.settings().iter().all(|problem| problem.fallback().is_none()), "nothing is used: {text}");
    let kinds: Vec<_> = error.settings().iter().map(|problem| problem.kind()).collect();
    assert_eq!(kinds, [ProblemKind::InvalidValue; 8]);
    let origins: Vec<_> = error.settings().iter().map(|problem| problem.origin()).take(2).collect();
    let variable = Origin::Variable("OTEL_METRIC_EXPORT_INTERVAL".to_owned());
    assert_eq!(origins, [variable, Origin::Code("builder: export_timeout".to_owned())]);
    let kinds: Vec<_> = error.metrics().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [MetricProblemKind::Duplicate, MetricProblemKind::NameOfFunctions]);
    let views: Vec<_> = error.views().map(|problem| (problem.kind, problem.location.as_deref())).collect();
    assert_eq!(views, [(ViewProblemKind::Cap, None)]);

    drop(TcpListener::bind(("127.0.0.1", port)).expect("a free port"));
    assert_eq!(double.calls(), [""; 0]);
    holder.shutdown().into_result().unwrap();
    // The failed `init` did not keep the registry.
    let builder = || builder("one-report").without_exporter().export_into(registry.clone());
    builder().view(View::select("")).init().expect_err("the view is wrong");
    builder().init().unwrap().shutdown().into_result().unwrap();
}

/// Metric names depend on settings. If these are invalid, the names are not checked.
#[test]
fn names_that_cannot_be_checked_are_not_reported() {
    isolated!();
    let report = |builder: Builder| builder.init().expect_err("it cannot start").to_string();
    let builder = || phoenix_otel::builder("one-report").environment([("", ""); 0]).without_exporter().with(Clashing);
    let view = || View::select("one_report.sent").bounds([1.0]);
    let messages = report(builder().view(view()));
    assert!(
        messages.contains("`phoenix.one_report.errors`") && messages.contains("only histograms have buckets"),
        "{messages}"
    );
    let messages = report(builder().view(view()).view(View::select("")).namespace("Not One"));
    let expected = [
        "the configuration is invalid:",
        "  builder: namespace: invalid value \"Not One\"",
        "the declared metrics are invalid:",
        "  `one_report.sent`, declared in ",
        "the views are invalid:",
        "  the view of ``: it selects nothing",
    ];
    let lines: Vec<&str> = messages.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{messages}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{expected}\n{messages}");
    }
}

/// The switch works whatever the other settings are.
#[test]
fn disabled() {
    isolated!();
    let builder = phoenix_otel::builder("one-report").environment([("OTEL_SDK_DISABLED", "true")]);
    let builder = builder.with(Clashing).view(View::select("")).exporter_provider("fails", fails).exporter("fails");
    builder.init().unwrap().shutdown().into_result().unwrap();
}

/// If the name of an exporter is misspelt, the report also checks the variables of the intended exporter.
#[test]
fn variables_of_the_intended_exporter_are_checked() {
    isolated!();
    let variables = [
        ("OTEL_METRICS_EXPORTER", "logging"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "lz4"),
    ];
    let init = |variables: &[(&str, &str)]| {
        let builder = phoenix_otel::builder("one-report").without_listener().without_subscriber();
        let telemetry = builder.environment(variables.to_vec()).init().unwrap();
        let problems = telemetry.ignored().iter();
        problems.map(|problem| (problem.name().to_owned(), problem.fallback().unwrap().to_owned())).collect::<Vec<_>>()
    };
    let unused = "nothing; no selected exporter reads this variable";
    let expected = [
        ("OTEL_METRICS_EXPORTER", "prometheus"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", unused),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", unused),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", unused),
    ];
    assert_eq!(init(&variables), expected.map(|(name, instead)| (name.to_owned(), instead.to_owned())));
    assert_eq!(init(&variables[1..]), [], "what is not asked for is not checked");
}
