//! Variables in the effective configuration, and variables that are not supported.

use phoenix_otel::{Builder, Origin};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::{isolated, this_test};

fn builder(variables: &[(&str, &str)]) -> Builder {
    phoenix_otel::builder("variables").without_listener().without_subscriber().environment(variables.to_vec())
}

/// `config::tests::ignored` of the crate has a case for each variable.
#[test]
fn the_configuration_in_force_names_the_variables() {
    isolated!();
    let expected = [
        ("OTEL_LOG_LEVEL", "error", "log_level", "error"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000", "meter_provider.readers[0].periodic.interval", "1000"),
        ("OTEL_METRICS_EXEMPLAR_FILTER", "ALWAYS_OFF", "meter_provider.exemplar_filter", "always_off"),
        ("OTEL_TRACES_SAMPLER", "Always_On", "tracer_provider.sampler.always_on", ""),
        ("OTEL_PROPAGATORS", "baggage", "propagator.composite[0].baggage", ""),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "7", "tracer_provider.limits.attribute_count_limit", "7"),
        ("PHOENIX_OTEL_NAMESPACE", "acme", "distribution.phoenix_otel.namespace", "acme"),
    ];
    let exporters = [("OTEL_METRICS_EXPORTER", "console"), ("OTEL_TRACES_EXPORTER", "console")];
    let config = |is_set: bool| {
        let variables = expected.map(|(name, value, ..)| (name, if is_set { value } else { " " }));
        let telemetry = builder(&[&variables[..], &exporters].concat()).init().unwrap();
        assert!(telemetry.ignored().is_empty(), "{}", telemetry.ignored());
        telemetry.effective_config()
    };
    let (set, empty) = (config(true), config(false));
    for (name, _, path, value) in expected {
        let shown = set.get(path).unwrap_or_else(|| panic!("{path} is missing:\n{set}"));
        assert_eq!((shown.value(), shown.origin()), (value.to_owned(), &Origin::Variable(name.to_owned())), "{path}");
        assert!(empty.get(path).is_none_or(|shown| *shown.origin() == Origin::Default), "{path}:\n{empty}");
    }
}

const ENTITIES: &str = "OTEL_ENTITIES is not supported and ignored: ";
const LOGS: &str = "OTEL_LOGS_EXPORTER is not supported and ignored: phoenix-otel has no logs; ";

/// The log has each variable once, without its value.
#[test]
fn variables_that_are_not_honoured_are_reported() {
    if is_child() {
        let telemetry = phoenix_otel::builder("variables").without_listener().without_subscriber().init().unwrap();
        assert_eq!(telemetry.ignored().iter().count(), 2, "{}", telemetry.ignored());
        return;
    }
    let variables = [
        ("OTEL_ENTITIES", "s3cret"),
        ("OTEL_LOGS_EXPORTER", "s3cret"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", ""),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", " "),
    ];
    let (_, log) = run(this_test!(), &variables);
    assert_eq!((log.matches(ENTITIES).count(), log.matches(LOGS).count()), (1, 1), "{log}");
    assert!(!log.contains("s3cret") && !log.contains("OTEL_EXPORTER_OTLP_LOGS") && !log.contains("LENGTH"), "{log}");
}

/// Another SDK of the process may read the variables of logs. Those of metrics, traces and the resource should have had an effect.
#[test]
fn a_strict_service_refuses_only_variables_of_its_own_signals() {
    isolated!();
    let logs = ("OTEL_LOGS_EXPORTER", "otlp");
    let telemetry = builder(&[logs]).strict().init().expect("logs are no error");
    let ignored: Vec<_> = telemetry.ignored().iter().map(ToString::to_string).collect();
    assert!(ignored.len() == 1 && ignored[0].starts_with(LOGS), "{ignored:?}");
    drop(telemetry);
    let error = builder(&[logs, ("OTEL_ENTITIES", "host{host.id=1}")]).strict().init().expect_err("it is strict");
    let errors: Vec<_> = error.settings().iter().map(ToString::to_string).collect();
    assert!(errors.len() == 1 && errors[0].starts_with(ENTITIES), "{errors:?}");
}
