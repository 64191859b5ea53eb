//! Keys of attributes that Prometheus translates, and those for which it refuses a whole push: what `docs/prometheus.md` says of them.

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider as _;
use phoenix_otel::Otlp;
use phoenix_otel_tests::{Prometheus, isolated};

#[test]
fn prometheus_refuses_a_push_for_a_key_without_a_letter_of_ascii() {
    isolated!();
    let prometheus = Prometheus::from_repository().otlp_receiver().start();
    for (key, label) in [
        // Left out before it is sent.
        ("", None),
        ("größe", Some("gr__e")),
        ("9", Some("key_9")),
        ("-", Some("key_")),
        ("ключ", None),
        ("中文", None),
    ] {
        let otlp = Otlp::new().endpoint(prometheus.otlp_url());
        let telemetry = phoenix_otel::builder("keys").without_subscriber().exporter(otlp).init().unwrap();
        let counter = telemetry.meter_provider().meter("test").u64_counter("odd").build();
        counter.add(1, &[KeyValue::new(key, "x"), KeyValue::new("with", key)]);
        let delivered = telemetry.shutdown().into_result();
        if !key.is_empty() && label.is_none() {
            let refused = delivered.expect_err(key).to_string();
            assert!(refused.contains("invalid name") && refused.contains(key), "{refused}");
            continue;
        }
        delivered.unwrap_or_else(|error| panic!("{key}: {error}"));
        let with_label = label.map_or_else(String::new, |label| format!(",{label}=\"x\""));
        let found = prometheus.query(&format!("odd_total{{with=\"{key}\"{with_label}}}"));
        assert_eq!(found.iter().count(), 1, "{key}: {found:?}");
    }
}
