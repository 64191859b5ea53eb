//! Invalid variables: each is ignored with a warning that names the value that is used instead. They are errors if the service is strict.

use super::*;

/// A fixed instance ID for all cases.
const POD: (&str, &str) = ("POD_NAME", "pod");
const OTLP: &[(&str, &str)] = &[("OTEL_METRICS_EXPORTER", "otlp"), ("OTEL_TRACES_EXPORTER", "otlp")];
const NONE: &[(&str, &str)] = &[];

/// A variable with a valid value, an invalid value, and what is used instead. The last two are empty if all texts are valid.
struct Case {
    name: &'static str,
    beside: &'static [(&'static str, &'static str)],
    right: &'static str,
    wrong: &'static str,
    instead: &'static str,
    /// The expected suggestion.
    nearest: &'static str,
}

const fn case(
    name: &'static str,
    beside: &'static [(&'static str, &'static str)],
    right: &'static str,
    [wrong, instead, nearest]: [&'static str; 3],
) -> Case {
    Case { name, beside, right, wrong, instead, nearest }
}

/// What is used instead if an exporter cannot export: there is no fallback to another receiver.
const UNEXPORTED: &str = "nothing; exporter `otlp` fails every export";

fn cases() -> Vec<Case> {
    const GRPC: &[(&str, &str)] = &[
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "c:1"),
    ];
    let mut cases = vec![
        case("OTEL_SDK_DISABLED", NONE, "true", ["yes", "false", "true"]),
        case("PHOENIX_OTEL_STRICT", NONE, "true", ["1", "false", "true"]),
        case("PHOENIX_OTEL_NAMESPACE", NONE, "acme", ["Acme", "phoenix", ""]),
        case("OTEL_SERVICE_NAME", NONE, "other", ["", "", ""]),
        case("OTEL_RESOURCE_ATTRIBUTES", NONE, "team=a", ["team=a,zone", "no attributes from this variable", ""]),
        case("PHOENIX_OTEL_RESOURCE_DETECTORS", NONE, "none", ["hosts", "host,k8s", "host"]),
        case("PHOENIX_OTEL_RESOURCE_DETECTORS", NONE, "none", ["k8s,hosts", "k8s", "host"]),
        case("OTEL_METRICS_EXPORTER", NONE, "console", ["logging", "prometheus", "console"]),
        case("OTEL_METRICS_EXPORTER", NONE, "console", ["logging,carrier-pigeon", "prometheus", "console"]),
        case("OTEL_METRICS_EXPORTER", NONE, "console", ["none,console", "console", ""]),
        case("OTEL_METRICS_EXEMPLAR_FILTER", NONE, "always_on", ["alwayson", "trace_based", "always_on"]),
        case("OTEL_METRIC_EXPORT_INTERVAL", NONE, "1000", ["10s", "60000", ""]),
        case("OTEL_METRIC_EXPORT_TIMEOUT", NONE, "1000", ["-1", "30000", ""]),
        case("OTEL_EXPORTER_PROMETHEUS_HOST", NONE, "0.0.0.0", ["http://0.0.0.0", "localhost", ""]),
        case("OTEL_EXPORTER_PROMETHEUS_PORT", NONE, "8080", ["80800", "9464", ""]),
        case("OTEL_EXPORTER_OTLP_PROTOCOL", OTLP, "grpc", ["http/json", "http/protobuf", "http/protobuf"]),
        case("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", OTLP, "grpc", ["gprc", "http/protobuf", "grpc"]),
        case("OTEL_EXPORTER_OTLP_ENDPOINT", OTLP, "http://c:1", ["c:1", UNEXPORTED, ""]),
        case("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", OTLP, "http://c:1", ["ftp://c", UNEXPORTED, ""]),
        case("OTEL_EXPORTER_OTLP_HEADERS", OTLP, "a=1", ["a=1,b", "the other headers", ""]),
        case("OTEL_EXPORTER_OTLP_METRICS_HEADERS", OTLP, "a=1", ["b", "the other headers", ""]),
        case("OTEL_EXPORTER_OTLP_TIMEOUT", OTLP, "1000", ["soon", "10000", ""]),
        case("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", OTLP, "1000", ["soon", "10000", ""]),
        case("OTEL_EXPORTER_OTLP_TIMEOUT", NONE, "", ["soon", "nothing; no selected exporter reads this variable", ""]),
        case("OTEL_EXPORTER_OTLP_COMPRESSION", OTLP, "gzip", ["gz", "none", "gzip"]),
        case("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", OTLP, "gzip", ["zstd", "none", ""]),
        case("OTEL_EXPORTER_OTLP_INSECURE", GRPC, "true", ["yes", "false", "true"]),
        case("OTEL_EXPORTER_OTLP_METRICS_INSECURE", GRPC, "true", ["on", "false", "true"]),
        case("OTEL_EXPORTER_OTLP_CERTIFICATE", OTLP, "/ca.pem", ["", "", ""]),
        case("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", OTLP, "/ca.pem", ["", "", ""]),
        case("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", OTLP, "", ["/c.pem", "no client certificate", ""]),
        case("OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", OTLP, "", ["/c.pem", "no client certificate", ""]),
        case("OTEL_EXPORTER_OTLP_CLIENT_KEY", OTLP, "", ["/k.pem", "no client certificate", ""]),
        case("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", OTLP, "", ["/k.pem", "no client certificate", ""]),
        case(
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            OTLP,
            "delta",
            ["low_memory", "cumulative", "lowmemory"],
        ),
        case(
            "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
            OTLP,
            "base2_exponential_bucket_histogram",
            ["exponential", "explicit_bucket_histogram", "base2_exponential_bucket_histogram"],
        ),
    ];
    #[cfg(feature = "page")]
    cases.extend([
        case("PHOENIX_OTEL_PAGE", NONE, "true", ["yes", "guarded", "true"]),
        case("PHOENIX_OTEL_PAGE_HISTORY", NONE, "false", ["2h", "true", ""]),
        case("PHOENIX_OTEL_PAGE_HOSTS", NONE, "shop.internal", ["http://shop.internal", "none", ""]),
        case("PHOENIX_OTEL_PAGE_HOSTS", NONE, "shop.internal", ["http://shop,shop", "shop", ""]),
        case("PHOENIX_OTEL_PAGE_ORIGINS", NONE, "http://localhost:1", ["localhost:1", "none", ""]),
        case(
            "PHOENIX_OTEL_PAGE_TRACE_LINK",
            NONE,
            "http://jaeger/{trace_id}",
            ["javascript:{trace_id}", "no link", ""],
        ),
    ]);
    #[cfg(feature = "process")]
    cases.push(case("PHOENIX_OTEL_PROCESS_METRICS", NONE, "false", ["on", "true", "true"]));
    #[cfg(feature = "tracing")]
    cases.extend(traces());
    cases
}

#[cfg(feature = "tracing")]
fn traces() -> Vec<Case> {
    const CONSOLE: &[(&str, &str)] = &[("OTEL_TRACES_EXPORTER", "console")];
    const PUSHED: &[(&str, &str)] = &[("OTEL_METRICS_EXPORTER", "otlp")];
    const RATIO: &[(&str, &str)] = &[("OTEL_TRACES_SAMPLER", "traceidratio")];
    const GRPC: &[(&str, &str)] = &[
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "c:1"),
    ];
    vec![
        case("OTEL_TRACES_EXPORTER", NONE, "console", ["zipkin", "none", ""]),
        case("OTEL_TRACES_EXPORTER", PUSHED, "console", ["logging", "otlp", "console"]),
        case("OTEL_TRACES_SAMPLER", NONE, "always_on", ["jaeger_remote", "parentbased_always_on", ""]),
        case("OTEL_TRACES_SAMPLER_ARG", RATIO, "0.5", ["1.5", "1", ""]),
        case("OTEL_BSP_SCHEDULE_DELAY", CONSOLE, "1", ["soon", "5000", ""]),
        case("OTEL_BSP_EXPORT_TIMEOUT", CONSOLE, "1", ["0", "30000", ""]),
        case("OTEL_BSP_MAX_QUEUE_SIZE", CONSOLE, "1000", ["many", "2048", ""]),
        case("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", CONSOLE, "100", ["0", "512", ""]),
        case("OTEL_PROPAGATORS", NONE, "baggage", ["tracecontext,b3", "tracecontext", ""]),
        case("OTEL_PROPAGATORS", NONE, "baggage", ["b3", "tracecontext,baggage", ""]),
        case("OTEL_PROPAGATORS", NONE, "baggage", ["none,bagage", "tracecontext,baggage", "baggage"]),
        case("RUST_LOG", NONE, "warn", ["=a=b", "info", ""]),
        case("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", OTLP, "grpc", ["http", "http/protobuf", "http/protobuf"]),
        case("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", OTLP, "http://c:1", ["c:1", UNEXPORTED, ""]),
        case("OTEL_EXPORTER_OTLP_TRACES_HEADERS", OTLP, "a=1", ["=1", "the other headers", ""]),
        case("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", OTLP, "1000", ["soon", "10000", ""]),
        case("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", OTLP, "gzip", ["zstd", "none", ""]),
        case("OTEL_EXPORTER_OTLP_TRACES_INSECURE", GRPC, "true", ["1", "false", "true"]),
        case("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", OTLP, "/ca.pem", ["", "", ""]),
        case("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", OTLP, "", ["/c.pem", "no client certificate", ""]),
        case("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", OTLP, "", ["/k.pem", "no client certificate", ""]),
    ]
}

/// The resolved configuration of a case with this value, printed, and the problems.
fn with_value(case: &Case, value: Option<OsString>) -> (String, Problems) {
    let mut vars: HashMap<String, OsString> =
        case.beside.iter().chain([&POD]).map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
    vars.extend(value.map(|value| (case.name.to_owned(), value)));
    let environment = Environment::from_map(vars);
    let (whole, problems) = resolved(&environment, "orchestrator", &Overrides::default());
    // An environment does not print its values.
    (format!("{whole:#?}"), problems)
}

#[test]
fn right_and_empty_values() {
    for case in cases() {
        assert!(known::READ.contains(&case.name) || case.name == "RUST_LOG", "{}", case.name);
        let (unset, problems) = with_value(&case, None);
        assert!(problems.is_empty(), "{}:\n{problems}", case.name);
        for empty in ["", "  "] {
            let (resolved, problems) = with_value(&case, Some(empty.into()));
            assert!(problems.is_empty(), "{} is empty:\n{problems}", case.name);
            assert_eq!(resolved, unset, "{} is empty", case.name);
        }
        if !case.right.is_empty() {
            let (resolved, problems) = with_value(&case, Some(case.right.into()));
            assert!(problems.is_empty(), "{}={}:\n{problems}", case.name, case.right);
            assert_ne!(resolved, unset, "{}={}", case.name, case.right);
        }
    }
}

#[test]
fn wrong_values_are_ignored() {
    for case in cases().iter().filter(|case| !case.wrong.is_empty()) {
        let shown = format!("{}={}", case.name, case.wrong);
        let (unset, _) = with_value(case, None);
        let (resolved, problems) = with_value(case, Some(case.wrong.into()));
        let problems = problems.ignored(false).unwrap_or_else(|problems| panic!("{shown} is an error:\n{problems}"));
        let first = problems.iter().next().unwrap_or_else(|| panic!("{shown} is no problem"));
        for problem in problems.iter() {
            assert_eq!((problem.name(), problem.instead()), (case.name, Some(case.instead)), "{shown}");
            assert!(!problem.allowed().is_empty(), "{shown}");
        }
        let nearest = problems.iter().find_map(Problem::nearest);
        assert_eq!(nearest, Some(case.nearest).filter(|nearest| !nearest.is_empty()), "{shown}: {first}");
        assert!(first.to_string().ends_with(&format!("; used instead: {}", case.instead)), "{first}");
        let strict = problems.clone().ignored(true).expect_err("it is an error where the service is strict");
        let errors: Vec<_> = strict.iter().map(|problem| (problem.name(), problem.instead())).collect();
        assert!(errors.iter().all(|error| *error == (case.name, None)), "{errors:?}");
        // The valid items of a list are used.
        let has_part = case.wrong.contains(',') && !case.name.ends_with("_ATTRIBUTES");
        if case.instead == UNEXPORTED {
            assert!(resolved.contains("Unavailable(") || resolved.contains("Nowhere("), "{shown}: {resolved}");
        } else if !has_part {
            assert_eq!(resolved, unset, "{shown}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_ignored() {
    use std::os::unix::ffi::OsStringExt as _;
    for case in cases() {
        let (_, problems) = with_value(&case, Some(OsString::from_vec(b"\xff".to_vec())));
        let problems = problems.ignored(false).unwrap_or_else(|problems| panic!("{}:\n{problems}", case.name));
        for problem in problems.iter() {
            assert_eq!(problem.name(), case.name);
            assert!(problem.allowed().contains("UTF-8") && problem.instead().is_some(), "{problem}");
        }
        assert_eq!(problems.iter().count(), 1, "{}:\n{problems}", case.name);
    }
}

#[test]
fn a_specific_variable_that_is_ignored_leaves_the_general_one() {
    let of = |name: &'static str, vars: &[(&str, &str)]| {
        let environment = environment(vars);
        let mut env = Env::new(&environment);
        let otlp = Otlp::resolve(&mut env, "otlp", &options::Otlp::new(), ALL, Signal::Metrics);
        let problems = env.finish();
        let instead = problems.iter().find(|problem| problem.name() == name).and_then(Problem::instead);
        (otlp, instead.map(str::to_owned))
    };
    let specific = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL";
    let (otlp, instead) = of(specific, &[(specific, "http/json"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
    assert_eq!((otlp.unwrap().protocol, instead.as_deref()), (Protocol::Grpc, Some("grpc")));
    let specific = "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION";
    let (otlp, instead) = of(specific, &[(specific, "zstd"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")]);
    assert_eq!((otlp.unwrap().compression, instead.as_deref()), (Compression::Gzip, Some("gzip")));
    // There is no fallback to another receiver or to its credentials.
    let specific = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    let (otlp, instead) = of(specific, &[(specific, "ftp://c"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://other")]);
    assert!(otlp.unwrap_err().contains("ftp://c"));
    assert_eq!(instead.as_deref(), Some(UNEXPORTED));
    let specific = "OTEL_EXPORTER_OTLP_METRICS_HEADERS";
    let (otlp, _) = of(specific, &[(specific, "broken"), ("OTEL_EXPORTER_OTLP_HEADERS", "key=of-another")]);
    assert!(otlp.unwrap().headers.0.is_empty());
}

#[test]
fn what_code_sets_wrongly_is_an_error_always() {
    let given = Overrides {
        namespace: Some("Acme".into()),
        push: PushOverrides { interval: Some(std::time::Duration::ZERO), timeout: None },
        ..Overrides::default()
    };
    let (_, problems) = resolved(&environment(&[("OTEL_EXPORTER_PROMETHEUS_PORT", "x")]), "", &given);
    // The report also contains invalid variables. `init` fails, so nothing is used instead.
    let refused = problems.ignored(false).expect_err("code is wrong");
    let names: Vec<_> = refused.iter().map(|problem| (problem.name(), problem.instead())).collect();
    let expected = ["builder: name", "builder: namespace", "builder: interval", "OTEL_EXPORTER_PROMETHEUS_PORT"];
    assert_eq!(names, expected.map(|name| (name, None)));
}

#[test]
fn strict_by_code_or_by_the_variable() {
    const STRICT: &str = "PHOENIX_OTEL_STRICT";
    let by = |value: &str, strict| {
        let given = Overrides { strict, ..Overrides::default() };
        resolved(&environment(&[(STRICT, value)]), "x", &given).0.config.strict
    };
    assert_eq!([by("", false), by("True", false), by("false", false), by("yes", false)], [false, true, false, false]);
    assert_eq!([by("", true), by("false", true)], [true, true], "code beats the variable");
}

#[test]
fn one_variable_for_two_exporters_is_one_problem() {
    let vars = [OTLP, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")]].concat();
    let (_, problems) = resolved(&environment(&vars), "x", &Overrides::default());
    assert_eq!(problems.iter().count(), 1, "{problems}");
    // The value that is used instead is named for each exporter.
    let environment = environment(&vars);
    let mut env = Env::new(&environment);
    for given in [options::Otlp::new(), options::Otlp::new().timeout(std::time::Duration::from_secs(1))] {
        Otlp::resolve(&mut env, "otlp", &given, ALL, Signal::Metrics).unwrap();
    }
    let problems = env.finish();
    let instead: Vec<_> = problems.iter().map(Problem::instead).collect();
    assert_eq!(instead, [Some("10000 and 1000")]);
}
