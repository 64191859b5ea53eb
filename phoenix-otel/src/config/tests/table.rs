//! The table of variables: it has each variable of the specification once, and its keys are those of the schema.

use super::*;
use crate::config::table::{NOT_HONOURED, TOPICS};

/// The variables of the specification, version 1.60.0: `git grep -ohE 'OTEL_[A-Z_]+' -- specification`, without those of other languages.
const SPECIFICATION: &str = "
    OTEL_ATTRIBUTE_COUNT_LIMIT OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT
    OTEL_BLRP_EXPORT_TIMEOUT OTEL_BLRP_MAX_EXPORT_BATCH_SIZE OTEL_BLRP_MAX_QUEUE_SIZE OTEL_BLRP_SCHEDULE_DELAY
    OTEL_BSP_EXPORT_TIMEOUT OTEL_BSP_MAX_EXPORT_BATCH_SIZE OTEL_BSP_MAX_QUEUE_SIZE OTEL_BSP_SCHEDULE_DELAY
    OTEL_CONFIG_FILE OTEL_ENTITIES OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT OTEL_EXPERIMENTAL_CONFIG_FILE
    OTEL_EXPORTER_OTLP_CERTIFICATE OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE OTEL_EXPORTER_OTLP_CLIENT_KEY
    OTEL_EXPORTER_OTLP_COMPRESSION OTEL_EXPORTER_OTLP_ENDPOINT OTEL_EXPORTER_OTLP_HEADERS OTEL_EXPORTER_OTLP_INSECURE
    OTEL_EXPORTER_OTLP_PROTOCOL OTEL_EXPORTER_OTLP_TIMEOUT
    OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY
    OTEL_EXPORTER_OTLP_LOGS_COMPRESSION OTEL_EXPORTER_OTLP_LOGS_ENDPOINT OTEL_EXPORTER_OTLP_LOGS_HEADERS
    OTEL_EXPORTER_OTLP_LOGS_INSECURE OTEL_EXPORTER_OTLP_LOGS_PROTOCOL OTEL_EXPORTER_OTLP_LOGS_TIMEOUT
    OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY OTEL_EXPORTER_OTLP_METRICS_COMPRESSION
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION OTEL_EXPORTER_OTLP_METRICS_ENDPOINT
    OTEL_EXPORTER_OTLP_METRICS_HEADERS OTEL_EXPORTER_OTLP_METRICS_INSECURE OTEL_EXPORTER_OTLP_METRICS_PROTOCOL
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE OTEL_EXPORTER_OTLP_METRICS_TIMEOUT
    OTEL_EXPORTER_OTLP_METRIC_INSECURE OTEL_EXPORTER_OTLP_SPAN_INSECURE
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY OTEL_EXPORTER_OTLP_TRACES_COMPRESSION OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
    OTEL_EXPORTER_OTLP_TRACES_HEADERS OTEL_EXPORTER_OTLP_TRACES_INSECURE OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT
    OTEL_EXPORTER_PROMETHEUS_HOST OTEL_EXPORTER_PROMETHEUS_PORT
    OTEL_EXPORTER_ZIPKIN_ENDPOINT OTEL_EXPORTER_ZIPKIN_PROTOCOL OTEL_EXPORTER_ZIPKIN_TIMEOUT
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT
    OTEL_LOGS_EXPORTER OTEL_LOG_LEVEL OTEL_METRICS_EXEMPLAR_FILTER OTEL_METRICS_EXPORTER OTEL_METRIC_EXPORT_INTERVAL
    OTEL_METRIC_EXPORT_TIMEOUT OTEL_PROPAGATORS OTEL_RESOURCE_ATTRIBUTES OTEL_SDK_DISABLED OTEL_SERVICE_NAME
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT OTEL_SPAN_EVENT_COUNT_LIMIT
    OTEL_SPAN_LINK_COUNT_LIMIT OTEL_TRACES_EXPORTER OTEL_TRACES_SAMPLER OTEL_TRACES_SAMPLER_ARG
";

/// Known variables that the specification does not have.
const OF_OTHERS: [&str; 3] = ["OTEL_BSP_MAX_CONCURRENT_EXPORTS", "OTEL_SEMCONV_STABILITY_OPT_IN", "RUST_LOG"];

#[test]
fn each_variable_of_the_specification_is_known_once() {
    let mut known: Vec<&str> = known::honoured().chain(known::not_honoured(true).map(|(name, ..)| name)).collect();
    known.retain(|name| !name.starts_with("PHOENIX_OTEL_"));
    known.sort_unstable();
    let mut expected: Vec<&str> = SPECIFICATION.split_whitespace().chain(OF_OTHERS).collect();
    expected.sort_unstable();
    assert_eq!(known, expected);
}

#[test]
#[cfg(feature = "config-file")]
fn the_keys_are_those_of_the_schema() {
    use super::cases::cases;
    use super::ignored::without_numbers;

    let rows = || TOPICS.iter().flat_map(|topic| topic.rows);
    for row in rows() {
        for key in row.keys {
            assert!(file::is_supported(key), "{:?}: {key}", row.names);
        }
    }
    assert!(!file::is_supported("meter_provider.readers[].interval") && !file::is_supported("logger_provider"));
    // The effective configuration shows a value at one of the keys, or below it.
    for case in cases() {
        let row = rows().find(|row| row.names.contains(&case.name) || row.of_traces.contains(&case.name));
        let keys = row.unwrap_or_else(|| panic!("{} is not in the table", case.name)).keys;
        let shown = without_numbers(case.shown.0);
        let is_at =
            |key: &&str| shown.strip_prefix(*key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        // The protocol is the name of the exporter, and `insecure` is in its endpoint.
        let is_elsewhere = ["_PROTOCOL", "_INSECURE"].iter().any(|end| case.name.ends_with(end));
        assert!(
            shown.is_empty() || is_elsewhere || keys.iter().any(is_at),
            "{}: {shown} is not at {keys:?}",
            case.name
        );
    }
}

#[test]
fn what_is_set_in_vain_is_reported() {
    let report = |name: &str, value: &str| {
        let environment = environment(&[(name, value)]);
        let mut env = Env::new(&environment);
        env.check_names();
        env.finish()
    };
    for one in &NOT_HONOURED {
        for name in one.names {
            let problems = report(name, "hush");
            let expected = format!("  {name} is not supported and ignored: {}", one.why);
            assert_eq!(problems.to_string(), expected, "once, without the value");
            assert_eq!(problems.clone().ignored(false).as_ref(), Ok(&problems), "{name}");
            assert_eq!(problems.ignored(true).is_err(), one.is_refused, "{name}");
            for empty in ["", " "] {
                assert!(report(name, empty).is_empty(), "{name} is empty");
            }
        }
    }
    // This is what happens anyway.
    assert!(report("OTEL_LOGS_EXPORTER", " None ").is_empty());
    assert!(!report("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "none").is_empty());
}

/// A service without the feature `tracing` can export its spans itself.
#[test]
fn without_traces_their_variables_are_not_honoured() {
    let of_traces: Vec<_> = known::not_honoured(false).skip(known::not_honoured(true).count()).collect();
    let names: Vec<&str> = TOPICS.iter().flat_map(|topic| topic.rows).flat_map(|row| row.of_traces).copied().collect();
    assert_eq!(of_traces.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), names);
    assert!(names.contains(&"OTEL_TRACES_EXPORTER") && names.contains(&"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"));
    assert!(of_traces.iter().all(|(_, why, is_refused)| why.contains("`tracing`") && !is_refused));
}

/// An error lists what to correct.
#[test]
fn an_error_does_not_list_variables_of_others() {
    let vars = [("OTEL_LOGS_EXPORTER", "otlp"), ("OTEL_ENTITIES", "host{}"), ("OTEL_METRIC_EXPORT_INTERVAL", "soon")];
    let (_, problems) = resolved(&environment(&vars), "x", &Overrides::default());
    let names = |problems: &Problems| problems.iter().map(|one| one.name().to_owned()).collect::<Vec<_>>();
    let expected = ["OTEL_METRIC_EXPORT_INTERVAL", "OTEL_ENTITIES", "OTEL_LOGS_EXPORTER"];
    assert_eq!(names(&problems.clone().ignored(false).expect("variables only")), expected);
    assert_eq!(names(&problems.ignored(true).expect_err("it is strict")), expected[..2]);
}
