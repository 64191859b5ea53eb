//! A reload names each change: what is applied, what needs a restart, and what is not supported.

use std::fs;
use std::path::PathBuf;

use phoenix_otel::{Reload, ReloadError, Telemetry};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::{isolated, this_test};

/// Two files: starts with the first, and reloads the second.
fn reloaded(before: &str, after: &str) -> (Telemetry, Reload) {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("otel.yaml");
    let write = |keys: &str| fs::write(&path, format!("file_format: \"1.1\"\n{keys}\n")).unwrap();
    write(before);
    let none: [(&str, &str); 0] = [];
    let telemetry = phoenix_otel::builder("shop").environment(none).config_file(&path).init().unwrap();
    write(after);
    let reload = telemetry.reload().unwrap();
    (telemetry, reload)
}

fn needs_restart(before: &str, after: &str) -> Vec<String> {
    let (_telemetry, reload) = reloaded(before, after);
    assert_eq!(reload.applied().count(), 0, "{reload}");
    reload.needs_restart().map(str::to_owned).collect()
}

/// The effective configuration masks it, so its text does not change.
#[test]
fn a_changed_secret_of_a_span_exporter() {
    isolated!();
    let file = |token: &str| {
        let exporter =
            format!("{{otlp_http: {{endpoint: 'http://127.0.0.1:1', headers_list: 'authorization={token}'}}}}");
        format!("tracer_provider: {{processors: [{{batch: {{exporter: {exporter}}}}}]}}")
    };
    assert_eq!(needs_restart(&file("old"), &file("new")), ["tracer_provider.processors"]);
}

#[test]
fn changed_patterns_of_detected_attributes() {
    isolated!();
    let file = |pattern: &str| {
        format!(
            "resource: {{detection/development: {{attributes: {{excluded: ['{pattern}']}}, detectors: [{{host: }}]}}}}"
        )
    };
    let named = needs_restart(&file("host.*"), &file("os.*"));
    assert_eq!(named, ["resource.detection/development.attributes.excluded"]);
}

/// A change that is applied is not reported again.
#[test]
fn a_second_reload_of_the_same_file() {
    isolated!();
    let interval = |seconds: u32| {
        format!("meter_provider: {{readers: [{{periodic: {{interval: {seconds}000, exporter: {{console: }}}}}}]}}")
    };
    let views = |dropped: &str| {
        format!(
            "meter_provider: {{readers: [{{periodic: {{exporter: {{console: }}}}}}], views: [{{selector: {{instrument_name: {dropped}}}, stream: {{aggregation: {{drop: }}}}}}]}}"
        )
    };
    for (before, after) in [
        (interval(60), interval(61)),
        (views("a"), views("b")),
        ("log_level: warn".to_owned(), "log_level: error".to_owned()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("otel.yaml");
        let write = |keys: &str| fs::write(&path, format!("file_format: \"1.1\"\n{keys}\n")).unwrap();
        write(&before);
        let none: [(&str, &str); 0] = [];
        let telemetry = phoenix_otel::builder("shop").environment(none).config_file(&path).init().unwrap();
        for keys in [&after, &before] {
            write(keys);
            let first = telemetry.reload().unwrap();
            assert!(first.applied().count() > 0 && first.needs_restart().count() == 0, "{keys}: {first}");
            let second = telemetry.reload().unwrap();
            assert!(second.is_unchanged(), "{keys}: {second}");
        }
    }
}

/// Without a handler, SIGHUP would end the process.
#[test]
fn a_disabled_service_is_told_to_restart() {
    isolated!();
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("otel.yaml");
    fs::write(&path, "file_format: \"1.1\"\ndisabled: true\n").unwrap();
    let none: [(&str, &str); 0] = [];
    let builder = phoenix_otel::builder("shop").environment(none).config_file(&path);
    let telemetry = builder.reload_on_sighup().init().unwrap();
    let this = std::process::id().to_string();
    assert!(std::process::Command::new("kill").args(["-HUP", &this]).status().unwrap().success());
    assert!(matches!(telemetry.reload(), Err(ReloadError::Disabled)));
}

/// Moved keys and comments do not count as changes.
#[test]
fn a_file_that_is_only_written_in_another_way() {
    isolated!();
    let exporter = "{console: }";
    let before = format!("tracer_provider: {{processors: [{{simple: {{exporter: {exporter}}}}}]}}");
    let after = format!("# traces\ntracer_provider:\n  processors:\n    - simple:\n        exporter: {exporter}");
    assert_eq!(needs_restart(&before, &after), [] as [String; 0]);
}

/// The instruments of the SDK keep their buckets, so the effective configuration shows the former aggregation.
#[test]
fn a_changed_default_aggregation_is_not_in_force() {
    isolated!();
    let file = |aggregation: &str| {
        let exporter = format!("{{console: {{{aggregation}}}}}");
        format!("meter_provider: {{readers: [{{periodic: {{interval: 3600000, exporter: {exporter}}}}}]}}")
    };
    const KEY: &str = "default_histogram_aggregation";
    let (telemetry, reload) = reloaded(&file(""), &file(&format!("{KEY}: base2_exponential_bucket_histogram")));
    assert!(reload.needs_restart().any(|change| change == KEY), "{reload}");
    let config = telemetry.effective_config();
    let shown: Vec<String> =
        config.values().filter(|value| value.path().ends_with(KEY)).map(|value| value.value()).collect();
    assert!(shown.iter().all(|value| value == "explicit_bucket_histogram"), "{config}");
}

/// With the subscriber of this crate, and without RUST_LOG.
#[test]
fn log_lines_follow_the_level_and_name_unsupported_keys() {
    if is_child() {
        let (_telemetry, reload) = reloaded("log_level: debug", "log_level: debug\nlog_levle: error");
        assert_eq!(reload.to_string(), "the configuration file is unchanged");
        return;
    }
    let (_, log) = run(this_test!(), &[("RUST_LOG", "")]);
    assert!(log.contains("DEBUG") && log.contains("file_format: \"1.1\" # default"), "{log}");
    assert!(log.contains("log_levle is not supported and ignored"), "{log}");
}

/// A file cannot name exporters.
#[test]
fn span_exporters_of_one_kind_get_numbers() {
    isolated!();
    let file = "file_format: \"1.1\"\ntracer_provider: {processors: [{batch: {exporter: {otlp_http: {endpoint: 'http://127.0.0.1:1'}}}}, \
                {batch: {exporter: {otlp_grpc: {endpoint: 'http://127.0.0.1:2'}}}}, {simple: {exporter: {console: }}}, {batch: {exporter: {console: }}}]}";
    let none: [(&str, &str); 0] = [];
    let telemetry = phoenix_otel::builder("shop").environment(none).config(file).init().unwrap();
    let health = telemetry.health();
    let names: Vec<&str> = health.exporters().map(|exporter| &*exporter.name).collect();
    assert_eq!(names, ["otlp traces", "otlp-2 traces", "console traces", "console-2 traces"]);
}

/// It would be one of the next start. Its file changes nothing, as any other invalid file.
#[test]
fn an_invalid_web_configuration_file_is_an_error() {
    isolated!();
    let folder = tempfile::tempdir().unwrap();
    let (path, web) = (folder.path().join("otel.yaml"), folder.path().join("web.yml"));
    let file = |own: &str| {
        format!(
            "file_format: \"1.1\"\nmeter_provider: {{readers: [{{pull: {{exporter: {{prometheus/development: {{port: 0}}}}}}}}]}}\n{own}"
        )
    };
    fs::write(&path, file("")).unwrap();
    let none: [(&str, &str); 0] = [];
    let telemetry = phoenix_otel::builder("shop").environment(none).config_file(&path).init().unwrap();
    let own = format!("log_level: warn\ndistribution: {{phoenix_otel: {{web_config_file: '{}'}}}}\n", web.display());
    fs::write(&path, file(&own)).unwrap();
    for invalid in [None, Some("tls_server_config: {cert_file: a.crt}")] {
        invalid.into_iter().for_each(|text| fs::write(&web, text).unwrap());
        let error = telemetry.reload().unwrap_err().to_string();
        assert!(error.contains("web.yml") || error.contains("web_config_file"), "{error}");
        assert_eq!(telemetry.effective_config().get("log_level").unwrap().value(), "info");
    }
    fs::write(&web, "http_server_config: {headers: {X-Frame-Options: deny}}").unwrap();
    let reload = telemetry.reload().unwrap();
    assert_eq!(reload.applied().collect::<Vec<_>>(), ["log_level"]);
    assert!(reload.needs_restart().any(|change| change.ends_with("web_config_file")), "{reload}");
}
