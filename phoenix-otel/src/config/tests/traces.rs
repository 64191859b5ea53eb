//! Traces.

use super::*;
use crate::config::traces::{Batch, Destination, Propagator, Sampler, Traces, TracesSettings};
use std::time::Duration;

const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

fn traces(vars: &[(&str, &str)]) -> Traces {
    given_traces(vars, &Overrides::default()).unwrap_or_else(|problems| panic!("{vars:?}:\n{problems}"))
}

fn given_traces(vars: &[(&str, &str)], overrides: &Overrides) -> Result<Traces, Problems> {
    whole(&environment(vars), "orchestrator", overrides).map(|whole| whole.traces)
}

/// The settings of a push.
fn pushed(exporter: TracesSettings) -> Otlp {
    match exporter.to {
        Destination::Otlp(otlp) => *otlp,
        other => panic!("{other:?}"),
    }
}

/// The one exporter of a table.
fn one(vars: &[(&str, &str)]) -> TracesSettings {
    let [exporter] = traces(vars).exporters.try_into().expect("one exporter");
    exporter
}

#[test]
fn spans_are_sent_where_there_is_a_receiver() {
    for (vars, expected) in [
        (&[][..], vec![]),
        (&[("OTEL_METRICS_EXPORTER", "otlp")], vec!["otlp traces"]),
        (&[(ENDPOINT, "http://collector:4318")], vec!["otlp traces"]),
        (&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/t")], vec!["otlp traces"]),
        (
            &[("OTEL_METRICS_EXPORTER", "otlp"), ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://prometheus:9090/m")],
            vec![],
        ),
        (&[(EXPORTER, "otlp")], vec!["otlp traces"]),
        (&[(EXPORTER, "Console, otlp,console")], vec!["console traces", "otlp traces"]),
        (&[(EXPORTER, "none"), ("OTEL_METRICS_EXPORTER", "otlp")], vec![]),
    ] {
        let exporters = traces(vars).exporters;
        let names: Vec<_> = exporters.iter().map(|exporter| exporter.name.as_str()).collect();
        assert_eq!(names, expected, "{vars:?}");
    }
    one_problem(&[(EXPORTER, "zipkin")], EXPORTER, &["zipkin", "otlp, console"]);
    one_problem(&[(EXPORTER, "none,otlp")], EXPORTER, &["single word none"]);
    let twice = Some(vec![options::Otlp::new().into(), options::Otlp::new().into()]);
    let given = Overrides { traces_exporters: twice, ..Overrides::default() };
    let found = told(given_traces(&[], &given));
    assert!(found.len() == 1 && found[0].0 == "builder: traces_exporter" && found[0].1.contains("otlp"), "{found:?}");
}

#[test]
fn the_specific_variables_go_before_the_general_ones() {
    let otlp = |vars: &[(&str, &str)]| pushed(one(&[&[(EXPORTER, "otlp")], vars].concat()));
    assert_eq!(otlp(&[]).endpoint.as_str(), "http://localhost:4318/v1/traces");
    assert_eq!(otlp(&[(ENDPOINT, "http://c:1/base/")]).endpoint.as_str(), "http://c:1/base/v1/traces");
    assert_eq!(
        otlp(&[(ENDPOINT, "bad"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/x")]).endpoint.as_str(),
        "http://c/x"
    );
    assert_eq!(otlp(&[("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc")]).endpoint.as_str(), "http://localhost:4317");
    let both = [("OTEL_EXPORTER_OTLP_TIMEOUT", "5"), ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "7")];
    assert_eq!(otlp(&both).timeout, Duration::from_millis(7));
    assert_eq!(otlp(&[("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=1")]).headers.0, [("a".to_owned(), "1".to_owned())]);
    assert_eq!(otlp(&[("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip")]).compression, Compression::Gzip);
    assert!(otlp(&[("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/ca.pem")]).certificate.is_some());
    // One value is right for either signal.
    for endpoint in ["http://c", "http://c/v1/metrics", "http://c/v1/traces"] {
        let exporters = Some(vec![options::Otlp::new().endpoint(endpoint).into()]);
        let given = Overrides { traces_exporters: exporters, ..Overrides::default() };
        let [exporter] = given_traces(&[], &given).unwrap().exporters.try_into().expect("one exporter");
        assert_eq!(pushed(exporter).endpoint.as_str(), "http://c/v1/traces");
    }
}

#[test]
fn what_is_wrong_for_both_signals_is_told_once() {
    let vars = [("OTEL_METRICS_EXPORTER", "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "smoke")];
    one_problem(&vars, "OTEL_EXPORTER_OTLP_PROTOCOL", &["smoke"]);
}

#[test]
fn samplers() {
    const NAME: &str = "OTEL_TRACES_SAMPLER";
    const ARG: &str = "OTEL_TRACES_SAMPLER_ARG";
    for (name, arg, parent_based, ratio) in [
        ("", "0.5", true, 1.0),
        ("always_on", "", false, 1.0),
        ("always_off", "", false, 0.0),
        ("traceidratio", "0.25", false, 0.25),
        ("traceidratio", "", false, 1.0),
        ("parentbased_always_on", "nonsense", true, 1.0),
        ("parentbased_always_off", "", true, 0.0),
        ("ParentBased_TraceIdRatio", "0", true, 0.0),
    ] {
        assert_eq!(traces(&[(NAME, name), (ARG, arg)]).sampler, Sampler { parent_based, ratio }, "{name} {arg}");
    }
    one_problem(&[(NAME, "jaeger_remote")], NAME, &["jaeger_remote", "traceidratio"]);
    one_problem(&[(NAME, "traceidratio"), (ARG, "1.5")], ARG, &["1.5", "0 to 1"]);
    one_problem(&[(NAME, "traceidratio"), (ARG, "NaN")], ARG, &["NaN"]);
}

#[test]
fn batches() {
    const ON: (&str, &str) = (EXPORTER, "console");
    let seconds = Duration::from_secs;
    assert_eq!(one(&[ON]).batch, Batch { delay: seconds(5), timeout: seconds(30), queue: 2048, size: 512 });
    let given = [
        ("OTEL_BSP_SCHEDULE_DELAY", "10"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "20"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "30"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4"),
    ];
    let millis = Duration::from_millis;
    assert_eq!(
        one(&[&[ON], &given[..]].concat()).batch,
        Batch { delay: millis(10), timeout: millis(20), queue: 30, size: 4 }
    );
    assert_eq!(one(&[&[ON], &given[2..3]].concat()).batch.size, 30);
    let slow = options::Console::new().interval(seconds(60)).export_timeout(seconds(9));
    let own = Overrides { traces_exporters: Some(vec![slow.into()]), ..Overrides::default() };
    let [exporter] = given_traces(&given, &own).unwrap().exporters.try_into().expect("one exporter");
    assert_eq!(exporter.batch, Batch { delay: seconds(60), timeout: seconds(9), queue: 30, size: 4 });
    for (name, value) in [
        ("OTEL_BSP_SCHEDULE_DELAY", "soon"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "-1"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4000"),
    ] {
        one_problem(&[(name, value)], name, &[value]);
    }
}

#[test]
fn propagators() {
    use Propagator::{Baggage, TraceContext};
    const NAME: &str = "OTEL_PROPAGATORS";
    assert_eq!(traces(&[]).propagators, [TraceContext, Baggage]);
    assert_eq!(traces(&[(NAME, "baggage, TraceContext,baggage")]).propagators, [Baggage, TraceContext]);
    assert_eq!(traces(&[(NAME, "none")]).propagators, []);
    one_problem(&[(NAME, "tracecontext,b3")], NAME, &["b3", "tracecontext, baggage"]);
    one_problem(&[(NAME, "none,baggage")], NAME, &["single word none"]);
}

#[test]
fn the_filter_of_the_log() {
    assert_eq!(traces(&[]).filter, "info");
    assert_eq!(traces(&[("RUST_LOG", "warn,phoenix_otel=debug")]).filter, "warn,phoenix_otel=debug");
    one_problem(&[("RUST_LOG", "=a=b")], "RUST_LOG", &["=a=b", "level"]);
}

#[test]
fn exemplars() {
    const NAME: &str = "OTEL_METRICS_EXEMPLAR_FILTER";
    assert_eq!(resolve(&[]).exemplars, ExemplarFilter::TraceBased);
    assert_eq!(resolve(&[(NAME, "ALWAYS_ON")]).exemplars, ExemplarFilter::AlwaysOn);
    assert_eq!(resolve(&[(NAME, "always_off")]).exemplars, ExemplarFilter::AlwaysOff);
    one_problem(&[(NAME, "sometimes")], NAME, &["sometimes", "trace_based"]);
}
