//! An observable instrument of the service whose callback panics: only its values are missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::KeyValue;
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::receiver_down::pushing;
use phoenix_otel_tests::{Samples, http};

#[test]
fn only_its_own_values_are_missing() {
    phoenix_otel_tests::isolated!();
    let sink = Sink::http(None, &[]);
    let builder = pushing("http/protobuf", &format!("127.0.0.1:{}", sink.port()));
    let builder = builder.exporter("otlp").exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0));
    let telemetry = builder.init().unwrap();
    let url = format!("http://{}/metrics", telemetry.scrape_address().unwrap());
    let scrape = || Samples::parse(&http::get(&url, &[]).unwrap().ok().unwrap());

    let state = Arc::new(AtomicU64::new(1));
    let meter = opentelemetry::global::meter("own");
    let watched = state.clone();
    let _watched = meter
        .u64_observable_gauge("watched")
        .with_callback(move |observer| match watched.load(Ordering::Relaxed) {
            0 => panic!("a bug in a callback"),
            value => observer.observe(value, &[]),
        })
        .build();
    let _beside = meter.f64_observable_counter("beside").with_callback(|observer| observer.observe(2.5, &[])).build();
    let counter = meter.u64_counter("counted").build();

    for value in [1, 0, 0, 3] {
        state.store(value, Ordering::Relaxed);
        counter.add(1, &[]);
        telemetry.force_flush().into_result().unwrap();
        let seen = scrape();
        let expected = (value > 0).then_some(value as f64);
        assert_eq!(seen.get("watched", &[]), expected);
        assert_eq!(seen.get("beside_total", &[]), Some(2.5));
        assert!(sink.next().metric("beside").is_some());
    }
    assert_eq!(scrape().get("counted_total", &[]), Some(4.0));
    telemetry.shutdown().into_result().unwrap();
}

/// The guarded provider creates every kind of instrument as configured.
#[test]
fn instruments_are_created_as_configured() {
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("test").exporter("prometheus").without_listener().init().unwrap();
    let meter = opentelemetry::global::meter("kinds");
    let by = [KeyValue::new("k", "v")];
    meter.u64_counter("a").with_unit("By").with_description("What a is.").build().add(1, &by);
    meter.f64_counter("b").build().add(1.5, &by);
    meter.i64_up_down_counter("c").build().add(-1, &by);
    meter.f64_up_down_counter("d").build().add(-1.5, &by);
    meter.u64_gauge("e").build().record(1, &by);
    meter.i64_gauge("f").build().record(-2, &by);
    meter.f64_gauge("g").build().record(2.5, &by);
    meter.u64_histogram("h").with_boundaries(vec![7.0]).build().record(3, &by);
    meter.f64_histogram("i").with_boundaries(vec![9.0]).with_unit("s").build().record(3.5, &by);
    meter.u64_observable_counter("j").with_callback(|observer| observer.observe(4, &[])).build();
    meter.i64_observable_up_down_counter("l").with_callback(|observer| observer.observe(-4, &[])).build();
    meter.f64_observable_up_down_counter("m").with_callback(|observer| observer.observe(-4.5, &[])).build();
    meter.i64_observable_gauge("n").with_callback(|observer| observer.observe(-5, &[])).build();
    meter.f64_observable_gauge("o").with_unit("s").with_callback(|observer| observer.observe(5.5, &[])).build();

    let text = telemetry.exposition().unwrap();
    assert!(text.contains("# HELP a_bytes_total What a is."), "{text}");
    let seen = Samples::parse(&text);
    let of = |name: &str| seen.get(name, &[]).unwrap_or_else(|| panic!("no {name} in\n{text}"));
    let names = [
        "a_bytes_total",
        "b_total",
        "c",
        "d",
        "e",
        "f",
        "g",
        "h_sum",
        "i_seconds_sum",
        "j_total",
        "l",
        "m",
        "n",
        "o_seconds",
    ];
    let values = [1.0, 1.5, -1.0, -1.5, 1.0, -2.0, 2.5, 3.0, 3.5, 4.0, -4.0, -4.5, -5.0, 5.5];
    assert_eq!(names.map(of), values);
    assert_eq!(seen.get("h_bucket", &[("le", "7")]).or(seen.get("h_bucket", &[("le", "7.0")])), Some(1.0));
    assert_eq!(seen.all("i_seconds_bucket", &[]).count(), 2, "{text}");
}
