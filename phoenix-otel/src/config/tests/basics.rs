//! The scrape endpoint, the push's times, the switch, and all problems together.

use super::*;
use std::time::Duration;

const EXPORTER: &str = "OTEL_METRICS_EXPORTER";

#[test]
fn the_scrape_endpoint() {
    const HOST: &str = "OTEL_EXPORTER_PROMETHEUS_HOST";
    const PORT: &str = "OTEL_EXPORTER_PROMETHEUS_PORT";
    let by = |vars: &[(&str, &str)], options: &options::Prometheus| {
        let config = one_of(vars, |env| Prometheus::resolve(env, "prometheus", options)).unwrap();
        (config.host, config.port)
    };
    for (host, port, expected) in [
        ("", "", ("localhost", 9464)),
        ("0.0.0.0", "0", ("0.0.0.0", 0)),
        ("::", "65535", ("::", 65535)),
        ("[::1]", " 9090 ", ("::1", 9090)),
        ("metrics.internal", "", ("metrics.internal", 9464)),
    ] {
        let (host, port) = by(&[(HOST, host), (PORT, port)], &options::Prometheus::new());
        assert_eq!((host.as_str(), port), expected);
    }
    for port in ["65536", "-1", "http", "94 64", "9464.0"] {
        one_problem(&[(PORT, port)], PORT, &[port, "0 to 65535"]);
        // Numbers are always validated, even without a scrape endpoint.
        one_problem(&[(PORT, port), (EXPORTER, "none")], PORT, &[port]);
    }
    for host in ["http://localhost", "localhost:9464", "a b", "[::1"] {
        one_problem(&[(HOST, host)], HOST, &[host]);
        // The host is always validated, too, so that fixing another setting reveals no new problem.
        one_problem(&[(HOST, host), (EXPORTER, "none")], HOST, &[host]);
    }
    let given = options::Prometheus::new().host("127.0.0.1").port(0);
    assert_eq!(by(&[(HOST, "http://bad"), (PORT, "9000")], &given), ("127.0.0.1".to_owned(), 0));
    let bad = options::Prometheus::new().host("http://bad");
    let found = told(one_of(&[], |env| Prometheus::resolve(env, "internal", &bad)));
    assert!(found.len() == 1 && found[0].0 == "builder: internal: host", "{found:?}");
}

#[test]
fn interval_and_timeout() {
    const INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
    const TIMEOUT: &str = "OTEL_METRIC_EXPORT_TIMEOUT";
    let config = resolve(&[(INTERVAL, "1500"), (TIMEOUT, "1")]);
    assert_eq!(config.push, Push { interval: Duration::from_millis(1500), timeout: Duration::from_millis(1) });
    let unlimited = resolve(&[(TIMEOUT, "0")]).push.timeout;
    assert_eq!(unlimited, Duration::from_millis(u32::MAX.into()), "no limit");
    one_problem(&[(INTERVAL, "0")], INTERVAL, &["0", "milliseconds"]);
    for bad in ["-5", "10s", "1e3", "1.5", "99999999999999999999", "4294967296"] {
        one_problem(&[(INTERVAL, bad)], INTERVAL, &[bad, "milliseconds"]);
        one_problem(&[(TIMEOUT, bad)], TIMEOUT, &[bad, "milliseconds"]);
    }
    let push = PushOverrides { interval: Some(Duration::from_secs(5)), timeout: Some(Duration::ZERO) };
    let given = Overrides { push, ..Overrides::default() };
    let found = told(with(&[(INTERVAL, "7")], &given));
    assert!(found.len() == 1 && found[0].0 == "builder: export_timeout", "{found:?}");
    // The interval and the timeout of an exporter take precedence over the defaults.
    let defaults = Push { interval: Duration::from_secs(60), timeout: Duration::from_secs(30) };
    let own = PushOverrides { interval: Some(Duration::from_secs(5)), timeout: None };
    let resolved =
        one_of(&[], |env| own.resolve(env, ("backup", &Places::default()), "export_timeout", defaults)).unwrap();
    assert_eq!(resolved, Push { interval: Duration::from_secs(5), ..defaults });
    let found = told(one_of(&[], |env| push.resolve(env, ("backup", &Places::default()), "export_timeout", defaults)));
    assert!(found.len() == 1 && found[0].0 == "builder: backup: export_timeout", "{found:?}");
}

#[test]
fn disabled() {
    const DISABLED: &str = "OTEL_SDK_DISABLED";
    for (value, disabled) in [("true", true), ("TRUE", true), (" True ", true), ("false", false), ("", false)] {
        assert_eq!(resolve(&[(DISABLED, value)]).disabled, disabled, "{value:?}");
    }
    one_problem(&[(DISABLED, "1")], DISABLED, &["\"1\"", "true, false"]);
}

#[test]
fn all_problems_at_once() {
    let found = problems(&[
        (EXPORTER, "otlp,promtheus,prometheus"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "99999"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1m"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team"),
    ]);
    let mut names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "OTEL_EXPORTER_PROMETHEUS_PORT",
            "OTEL_METRICS_EXPORTER",
            "OTEL_METRIC_EXPORT_INTERVAL",
            "OTEL_RESOURCE_ATTRIBUTES",
        ]
    );
    let error = crate::InitError::from(with(&[(EXPORTER, "a,b")], &Overrides::default()).unwrap_err()).to_string();
    assert_eq!(error.lines().count(), 3, "{error}");
    assert!(error.lines().skip(1).all(|line| line.contains(EXPORTER)), "{error}");
}

#[cfg(feature = "process")]
#[test]
fn the_process_is_observed_unless_told_otherwise() {
    const PROCESS: &str = "PHOENIX_OTEL_PROCESS_METRICS";
    assert!(resolve(&[]).process_metrics);
    assert!(!resolve(&[(PROCESS, "False")]).process_metrics);
    let on = Overrides { process_metrics: Some(true), ..Overrides::default() };
    assert!(with(&[(PROCESS, "false")], &on).unwrap().process_metrics, "the builder beats the environment");
    one_problem(&[(PROCESS, "no")], PROCESS, &["true, false"]);
}

#[cfg(not(feature = "process"))]
#[test]
fn metrics_of_the_process_that_were_not_built_are_named() {
    const PROCESS: &str = "PHOENIX_OTEL_PROCESS_METRICS";
    assert!(!resolve(&[]).process_metrics);
    assert!(!resolve(&[(PROCESS, "false")]).process_metrics);
    one_problem(&[(PROCESS, "true")], PROCESS, &["feature `process`"]);
}

#[cfg(unix)]
#[test]
fn what_is_not_utf8() {
    use std::os::unix::ffi::OsStringExt as _;
    let not_utf8 = || OsString::from_vec(b"s3cret\xff".to_vec());
    let variables = [
        (EXPORTER, OsString::from("otlp")),
        ("OTEL_EXPORTER_OTLP_HEADERS", not_utf8()),
        ("OTEL_SERVICE_NAME", not_utf8()),
    ];
    let environment = Environment::from_map(variables.map(|(name, value)| (name.to_owned(), value)).into());
    let found = told(whole(&environment, "x", &Overrides::default()));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].1.contains("OTEL_SERVICE_NAME") && found[0].1.contains("UTF-8"));
    assert!(found[1].1.contains("OTEL_EXPORTER_OTLP_HEADERS") && !found[1].1.contains("s3cret"));
}
