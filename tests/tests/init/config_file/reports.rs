//! What is reported of an invalid file: all problems in one error, and nothing starts.

use std::fs;
use std::path::Path;

use opentelemetry::global;
use opentelemetry::trace::{Span as _, Tracer as _};
use phoenix_otel::Builder;
use phoenix_otel::platform::Platform;
use phoenix_otel_tests::isolated;
use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::tools::repository;

use super::generated::sites;
use super::service;

/// Invalid files.
const FILES: [(&str, &str); 12] = [
    ("a misspelt key and a fault", "file_format: \"1.1\"\nmeter_providr:\n  readers: []\ndisabled: 1\n"),
    ("an older version", "file_format: \"0.4\"\ndisabled: false\n"),
    ("no version", "disabled: false\n"),
    (
        "many faults",
        r#"file_format: "1.1"
disabled: "no"
log_level: warning
resource:
  attributes:
    - name: team
      value: 3
    - nam: region
      value: eu
meter_provider:
  readers:
    - periodic:
        interval: 10s
        exporter:
          otlp_http:
            endpoint: collector:4318
            compression: zip
            headers:
              - name: authorization
                value: [hush]
            tls:
              ca_file: ca.pem
    - pull:
        exporter:
          prometheus/development:
            port: 94640
            without_units: true
  views:
    - selector: { instrument_kind: counter }
      stream: { aggregation: { explicit_bucket: { boundaries: [1] } } }
tracer_provider:
  processors:
    - batch: { exporter: { otlp_htp: } }
  sampler: { trace_id_ratio_based: { ratio: 25 } }
distribution:
  phoenix_otel: { name_space: acme, page: { served: local } }
  phoenix_otel_platform: { domains: [lllm], prices: { small: { prompt: -1 } }, price: 1 }
"#,
    ),
    ("invalid YAML", "file_format: \"1.1\"\nresource:\n\tattributes: []\n"),
    ("duplicate keys", "file_format: \"1.1\"\ndisabled: false\ndisabled: true\n"),
    ("an invalid reference", "file_format: \"1.1\"\ndisabled: ${OFF?}\nlog_level: ${LEVEL}\n"),
    ("an invalid value of a variable", "file_format: \"1.1\"\nlog_level: ${LEVEL}\n"),
    (
        "names of exporters in variables",
        "file_format: \"1.1\"\nmeter_provider: { readers: [{ periodic: { exporter: { otlp: } } }, { pull: { exporter: { prometheus: } } }] }\n",
    ),
    (
        "an unknown exporter",
        "file_format: \"1.1\"\nmeter_provider: { readers: [{ periodic: { exporter: { otlp_htp: } } }] }\n",
    ),
    (
        "exporters in a reader of the other kind",
        "file_format: \"1.1\"\nmeter_provider:\n  readers:\n    - periodic: { exporter: { prometheus/development: { port: 0 } } }\n    - pull: { exporter: { otlp_http: } }\n    - pull: { exporter: { console: } }\n    - periodic: { exporter: { promtheus/development: } }\n",
    ),
    (
        "a reader without an exporter, and keys of the other kind",
        "file_format: \"1.1\"\nmeter_provider:\n  readers:\n    - periodic: { interval: 5000 }\n    - pull: { interval: 5000, exporter: { prometheus/development: } }\n",
    ),
];

/// The golden file has each invalid file and the whole error.
#[test]
fn reports_are_complete() {
    isolated!();
    let mut out = String::new();
    for (what, text) in FILES {
        let error = service(text, &[("LEVEL", "loud")]).with(Platform::new()).init().expect_err(what);
        let error = error.to_string();
        assert!(!error.contains("hush"), "{error}");
        out += &format!("# {what}\n\n{text}\n{error}\n\n");
    }
    let path = repository().join("tests/golden/config-file.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &out).expect("it is written");
    }
    let golden = fs::read_to_string(&path).expect("the golden file exists; UPDATE_GOLDEN=1 writes it");
    assert_eq!(golden, out, "UPDATE_GOLDEN=1 rewrites {}", path.display());
}

fn of_file(path: &Path) -> Builder {
    let nothing: [(&str, &str); 0] = [];
    phoenix_otel::builder("config-file").environment(nothing).without_subscriber().config_file(path)
}

/// The error of a file, without the folder.
fn error(path: &Path) -> String {
    let folder = path.parent().expect("a folder").display().to_string();
    of_file(path).init().expect_err("the file cannot be read").to_string().replace(&format!("{folder}/"), "")
}

#[test]
fn files_that_cannot_be_read() {
    isolated!();
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let is_invalid = "the configuration is invalid:\n  otel.yaml: the configuration file";
    let missing = error(&at("otel.yaml"));
    assert_eq!(missing, format!("{is_invalid} cannot be read: No such file or directory (os error 2)"));

    fs::create_dir(at("otel.yaml")).expect("a folder");
    assert_eq!(error(&at("otel.yaml")), format!("{is_invalid} is not a regular file"));
    fs::remove_dir(at("otel.yaml")).expect("it is removed");

    // Nobody writes to it.
    let made = std::process::Command::new("mkfifo").arg(at("otel.yaml")).status().expect("mkfifo runs");
    assert!(made.success());
    assert_eq!(error(&at("otel.yaml")), format!("{is_invalid} is not a regular file"));
    fs::remove_file(at("otel.yaml")).expect("it is removed");

    fs::write(at("otel.yaml"), b"file_format: \"1.1\"\nlog_level: \xff\n").expect("it is written");
    assert_eq!(error(&at("otel.yaml")), format!("{is_invalid} is not UTF-8"));

    let large = format!("file_format: \"1.1\"\n{}", "# comment\n".repeat(210_000));
    fs::write(at("otel.yaml"), large).expect("it is written");
    assert_eq!(
        error(&at("otel.yaml")),
        "the configuration is invalid:\n  otel.yaml: the configuration file has more than 1048576 bytes"
    );

    // Root may read every file. A loop of links cannot be opened by anybody.
    fs::remove_file(at("otel.yaml")).expect("it is removed");
    std::os::unix::fs::symlink("otel.yaml", at("otel.yaml")).expect("a link");
    let looped = error(&at("otel.yaml"));
    assert!(looped.starts_with(&format!("{is_invalid} cannot be read: ")), "{looped}");
}

#[test]
fn an_empty_variable_names_no_file() {
    isolated!();
    for empty in ["", "  "] {
        let variables = [("OTEL_CONFIG_FILE", empty), ("OTEL_METRICS_EXPORTER", "none")];
        let telemetry = phoenix_otel::builder("config-file").environment(variables).without_subscriber().init();
        assert_eq!(telemetry.expect("there is no file").ignored().iter().count(), 0);
    }
    let variables = [("OTEL_CONFIG_FILE", "/nowhere/otel.yaml")];
    let error = phoenix_otel::builder("config-file").environment(variables).init().expect_err("there is no such file");
    assert!(error.to_string().contains("/nowhere/otel.yaml: the configuration file cannot be read"), "{error}");
}

#[test]
fn nothing_starts_with_an_invalid_file() {
    isolated!();
    let sampled = || global::tracer("test").start("span").span_context().is_sampled();
    let valid = "file_format: \"1.1\"\ntracer_provider: { processors: [{ batch: { exporter: { console: } } }], sampler: { always_off: } }\n";
    let _first = service(valid, &[]).init().expect("it is valid");
    assert!(!sampled());
    let port = free_port();
    let invalid = format!(
        "file_format: \"1.1\"\nmeter_provider:\n  readers: [{{ pull: {{ exporter: {{ prometheus/development: {{ port: {port} }} }} }} }}]\n\
         tracer_provider: {{ processors: [{{ batch: {{ exporter: {{ console: }} }} }}], sampler: {{ always_on: }} }}\nlog_level: loud\n"
    );
    service(&invalid, &[]).init().expect_err("the level is invalid");
    assert!(!sampled(), "the sampler of the telemetry that failed");
    std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
}

#[test]
fn a_queue_of_spans_that_is_too_long_is_an_error() {
    isolated!();
    let processors = "processors: [{ batch: { max_queue_size: 9223372036854775807, exporter: { console: } } }]";
    let file = format!("file_format: \"1.1\"\ntracer_provider: {{ {processors} }}\n");
    let error = service(&file, &[]).init().expect_err("it is too long").to_string();
    let place = "2:60: tracer_provider.processors[0].batch.max_queue_size: invalid value \"9223372036854775807\"";
    assert!(error.contains(place) && error.contains("allowed: a number of spans from 1 to 1000000"), "{error}");
}

/// Only required keys that are missing in one mapping share its place.
#[test]
fn no_value_is_reported_twice() {
    let mut twice = Vec::new();
    for site in sites() {
        for (what, file) in &site.invalid {
            let Err(error) = service(&file.to_string(), &[]).resolved() else { continue };
            let reported = error.settings().iter().filter(|problem| !problem.allowed().ends_with("which is required"));
            let mut places: Vec<&str> = reported.map(|problem| problem.name()).collect();
            let count = places.len();
            places.sort_unstable();
            places.dedup();
            if places.len() < count || error.views().next().is_some() {
                twice.push(format!("{}: {what}: {error}\n{file}", site.path));
            }
        }
    }
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}
