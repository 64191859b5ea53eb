//! Misspelt variable names are reported together with invalid values.

use phoenix_otel::platform::Platform;
use phoenix_otel::{Builder, Extension, ExtensionSettings, ProblemKind};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::{isolated, this_test};

fn builder(variables: &[(&str, &str)]) -> Builder {
    phoenix_otel::builder("misspelt").without_listener().without_subscriber().environment(variables.to_vec())
}

/// Returns the lines of what `init` ignores.
fn ignored(builder: Builder) -> Vec<String> {
    let telemetry = builder.init().unwrap();
    telemetry.ignored().iter().map(ToString::to_string).collect()
}

const VARIABLES: [(&str, &str); 5] = [
    ("OTEL_METRIC_EXPORTER", "s3cret"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "10s"),
    ("PHOENIX_OTEL_COLOUR", "blue"),
    ("OTEL_PYTHON_LOG_LEVEL", "debug"),
    ("OTEL_LOG_LEVEL", "debug"),
];
const NAME: &str = "OTEL_METRIC_EXPORTER is an unknown variable; did you mean OTEL_METRICS_EXPORTER?";
const OURS: &str =
    "PHOENIX_OTEL_COLOUR is an unknown variable; if an extension reads it, add the extension with `Builder::with`";

#[test]
fn one_report_has_names_and_values() {
    isolated!();
    let telemetry = builder(&VARIABLES).init().unwrap();
    let problems: Vec<_> = telemetry.ignored().iter().collect();
    let names: Vec<_> = problems.iter().map(|problem| (problem.name(), problem.suggestion())).collect();
    let expected = [
        ("OTEL_METRIC_EXPORT_INTERVAL", None),
        ("OTEL_METRIC_EXPORTER", Some("OTEL_METRICS_EXPORTER")),
        ("PHOENIX_OTEL_COLOUR", None),
    ];
    assert_eq!(names, expected);
    assert_eq!((problems[1].to_string(), problems[2].to_string()), (NAME.to_owned(), OURS.to_owned()));
    let kinds: Vec<_> = problems.iter().map(|problem| problem.kind()).collect();
    assert_eq!(kinds, [ProblemKind::InvalidValue, ProblemKind::UnknownVariable, ProblemKind::UnknownVariable]);
    assert_eq!((problems[1].value(), problems[1].fallback()), (None, None));
    drop(telemetry);

    let strict = builder(&VARIABLES).strict().init().expect_err("it is strict");
    let problems = strict.settings();
    assert_eq!(problems.iter().map(|problem| problem.name()).collect::<Vec<_>>(), expected.map(|(name, _)| name));
    let strict: Vec<_> = VARIABLES.into_iter().chain([("PHOENIX_OTEL_STRICT", "true")]).collect();
    let error = builder(&strict).init().expect_err("it is strict").to_string();
    assert!(error.contains(NAME) && error.contains(OURS) && !error.contains("s3cret"), "{error}");
}

/// The service gets the environment of the process, and the log has the names once.
#[test]
fn the_process_environment_is_checked() {
    if is_child() {
        let telemetry = phoenix_otel::builder("misspelt").without_listener().without_subscriber().init().unwrap();
        assert_eq!(telemetry.ignored().iter().count(), 2);
        drop(telemetry);
        // If code sets the variables, the process's own are not read.
        assert!(ignored(builder(&[])).is_empty());
        return;
    }
    let links = [("OTEL_COLLECTOR_SERVICE_HOST", "10.0.0.1"), ("OTEL_COLLECTOR_PORT_4317_TCP", "tcp://10.0.0.1:4317")];
    let variables: Vec<_> = [VARIABLES[0], VARIABLES[2]].into_iter().chain(links).collect();
    let (_, log) = run(this_test!(), &variables);
    assert_eq!((log.matches(NAME).count(), log.matches(OURS).count()), (1, 1), "{log}");
    assert!(!log.contains("s3cret") && !log.contains("OTEL_COLLECTOR"), "{log}");
}

#[test]
fn variables_from_code_skip_the_process_environment() {
    isolated!();
    let variables = [("OTEL_METRIC_EXPORTER", "otlp"), ("OTEL_TRACE_EXPORTER", "otlp")];
    assert_eq!(ignored(builder(&variables)).len(), 2);
    assert!(ignored(builder(&variables).exporter("prometheus").without_traces_exporter()).is_empty());
}

/// A disabled telemetry checks nothing.
#[test]
fn a_disabled_telemetry_checks_no_names() {
    isolated!();
    let variables = VARIABLES.into_iter().chain([("OTEL_SDK_DISABLED", "true")]).collect::<Vec<_>>();
    assert!(ignored(builder(&variables).strict()).is_empty());
}

#[test]
fn a_variable_of_an_extension_is_known() {
    isolated!();
    struct Acme;
    impl Extension for Acme {
        fn configure(&mut self, settings: &mut ExtensionSettings<'_>) {
            let _ = settings.variable("PHOENIX_OTEL_ACME");
        }
    }
    let variables = [("PHOENIX_OTEL_ACME", "1"), ("PHOENIX_OTEL_LLM_PRICES", "small=1/2")];
    let advice = |name| {
        format!("{name} is an unknown variable; if an extension reads it, add the extension with `Builder::with`")
    };
    assert_eq!(ignored(builder(&variables)), ["PHOENIX_OTEL_ACME", "PHOENIX_OTEL_LLM_PRICES"].map(advice));
    assert_eq!(ignored(builder(&variables).with(Acme)), [advice("PHOENIX_OTEL_LLM_PRICES")]);
    assert!(ignored(builder(&variables).with(Acme).with(Platform::new())).is_empty());
}
