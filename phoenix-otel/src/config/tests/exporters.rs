//! Which exporters there are.

use super::*;
use Exporter::{Console, Otlp, Prometheus as Scrape};
use std::time::Duration;

const EXPORTER: &str = "OTEL_METRICS_EXPORTER";

#[test]
fn without_any_setting() {
    let config = resolve(&[]);
    assert!(!config.disabled);
    assert_eq!(config.exporters, [Scrape]);
    assert_eq!(config.prometheus, Some(super::Prometheus { host: "localhost".into(), port: 9464 }));
    assert_eq!(config.otlp, None);
    assert_eq!(config.push, Push { interval: Duration::from_secs(60), timeout: Duration::from_secs(30) });
    assert_eq!((config.namespace.as_str(), config.subsystem.as_str()), ("phoenix", "orchestrator"));
}

#[test]
fn exporters_by_variable() {
    for (value, expected) in [
        ("", vec![Scrape]),
        ("   ", vec![Scrape]),
        ("prometheus", vec![Scrape]),
        ("otlp", vec![Otlp]),
        (" otlp , prometheus ", vec![Otlp, Scrape]),
        ("prometheus,otlp,prometheus,otlp", vec![Scrape, Otlp]),
        ("console,", vec![Console]),
        ("Prometheus,OTLP", vec![Scrape, Otlp]),
        ("none", vec![]),
        ("none,none", vec![]),
        (",", vec![]),
    ] {
        assert_eq!(resolve(&[(EXPORTER, value)]).exporters, expected, "{value:?}");
    }
    one_problem(&[(EXPORTER, "promtheus")], EXPORTER, &["promtheus", "prometheus, otlp, console"]);
    one_problem(&[(EXPORTER, "none,otlp")], EXPORTER, &["none,otlp", "none alone"]);
    assert_eq!(problems(&[(EXPORTER, "jaeger,zipkin")]).len(), 2);
}

#[test]
fn exporters_by_builder() {
    let given = |exporters: &[Exporter]| Overrides { exporters: Some(exporters.to_vec()), ..Overrides::default() };
    let vars = &[(EXPORTER, "nonsense")];
    assert_eq!(with(vars, &given(&[Otlp, Console, Otlp]), ALL).unwrap().exporters, [Otlp, Console]);
    assert_eq!(with(vars, &given(&[]), ALL).unwrap().exporters, []);
}

#[test]
fn what_was_not_built_in() {
    let none = Features { prometheus: false, otlp_http: false, otlp_grpc: false };
    let defaults = Overrides::default();
    assert_eq!(with(&[], &defaults, none).unwrap().exporters, []);
    assert_eq!(with(&[], &defaults, Features { otlp_grpc: true, ..none }).unwrap().exporters, [Otlp]);
    let told_of = |vars: &[(&str, &str)], features| told(with(vars, &defaults, features));
    assert!(told_of(&[(EXPORTER, "prometheus")], none)[0].1.contains("feature `prometheus`"));
    let otlp = told_of(&[(EXPORTER, "otlp")], none);
    assert!(otlp.len() == 1 && otlp[0].1.contains("`otlp-http` or `otlp-grpc`"), "{otlp:?}");
    let grpc =
        told_of(&[(EXPORTER, "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")], Features { otlp_grpc: false, ..ALL });
    assert!(grpc.len() == 1 && grpc[0].1.contains("feature `otlp-grpc`"), "{grpc:?}");
    let http = told_of(
        &[(EXPORTER, "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")],
        Features { otlp_http: false, ..ALL },
    );
    assert!(http.len() == 1 && http[0].1.contains("feature `otlp-http`"), "{http:?}");
    let only_grpc = with(&[(EXPORTER, "otlp")], &defaults, Features { otlp_http: false, ..ALL }).unwrap();
    assert_eq!(only_grpc.otlp.unwrap().protocol, Protocol::Grpc);
}
