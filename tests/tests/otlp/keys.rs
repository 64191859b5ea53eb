//! Attribute keys that Prometheus translates, and those for which it rejects a whole push: tests what `docs/prometheus.md` says.

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use phoenix_otel::opentelemetry_sdk::metrics::{Aggregation, Instrument, Stream};
use phoenix_otel::{Otlp, TemporalityPreference};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::{Prometheus, Samples, isolated};

#[test]
fn prometheus_rejects_a_push_with_a_key_without_ascii_letters() {
    isolated!();
    let prometheus = Prometheus::from_repository().otlp_receiver().start();
    for (key, label) in [
        // The crate drops this attribute before it sends.
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

/// Series that differ only in such an attribute become one. Prometheus would also reject two series with equal attributes.
#[test]
fn dropped_empty_keys_are_counted_and_leave_no_duplicate_series() {
    isolated!();
    let sink = Sink::http(None, &[]);
    // Deltas have no push at the start, so all counts are those of the flush.
    let otlp = Otlp::new().endpoint(format!("http://127.0.0.1:{}", sink.port()));
    let otlp = otlp.temporality(TemporalityPreference::Delta);
    let telemetry = phoenix_otel::builder("keys")
        .without_subscriber()
        .exporter("prometheus")
        .without_listener()
        .exporter(otlp)
        .sdk_view(exponential)
        .init()
        .expect("it starts");
    let meter = telemetry.meter_provider().meter("test");
    let empty = |value: &'static str| KeyValue::new("", value);
    let counter = meter.u64_counter("odd.sum").build();
    counter.add(1, &[empty("a")]);
    counter.add(2, &[KeyValue::new("pool", "x"), empty("a")]);
    counter.add(4, &[empty("b"), KeyValue::new("pool", "x")]);
    counter.add(8, &[]);
    let (classic, exponential) = (meter.f64_histogram("odd.classic"), meter.f64_histogram("odd.exponential").build());
    let classic = classic.with_boundaries(vec![1.0, 2.0]).build();
    for (key, value) in [("a", 0.5), ("b", 1.5)] {
        classic.record(value, &[empty(key)]);
        exponential.record(value, &[empty(key)]);
        meter.f64_gauge("odd.gauge").build().record(value, &[empty(key)]);
        let pool = InstrumentationScope::builder("pools").with_attributes([empty(key)]).build();
        telemetry.meter_provider().meter_with_scope(pool).u64_counter("odd.pools").build().add(3, &[]);
    }
    telemetry.force_flush().into_result().expect("the sink accepts the push");
    let received = sink.next();
    let data = |name: &str| received.metric(name).and_then(|metric| metric.data.clone()).expect(name);

    let Data::Sum(sum) = data("odd.sum") else { panic!("{received:#?}") };
    let mut series: Vec<_> = sum.data_points.iter().map(|point| (point.attributes.len(), point.value)).collect();
    series.sort_by_key(|(attributes, _)| *attributes);
    assert_eq!(series, [(0, Some(Value::AsInt(9))), (1, Some(Value::AsInt(6)))]);
    let Data::Histogram(histogram) = data("odd.classic") else { panic!("{received:#?}") };
    let [point] = &histogram.data_points[..] else { panic!("{histogram:#?}") };
    assert_eq!((point.count, point.sum, point.min, point.max), (2, Some(2.0), Some(0.5), Some(1.5)));
    assert_eq!(point.bucket_counts, [1, 1, 0]);
    // These two cannot be added up, so the same one stays in every export.
    let Data::Gauge(gauge) = data("odd.gauge") else { panic!("{received:#?}") };
    assert_eq!(gauge.data_points.iter().map(|point| point.value).collect::<Vec<_>>(), [Some(Value::AsDouble(0.5))]);
    let Data::ExponentialHistogram(histogram) = data("odd.exponential") else { panic!("{received:#?}") };
    assert_eq!(histogram.data_points.iter().map(|point| point.sum).collect::<Vec<_>>(), [Some(0.5)]);
    let scopes = received.request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let pools = scopes.filter(|metrics| metrics.scope.as_ref().is_some_and(|scope| scope.name == "pools"));
    assert_eq!(pools.count(), 1);
    let Data::Sum(sum) = data("odd.pools") else { panic!("{received:#?}") };
    assert_eq!(sum.data_points.iter().map(|point| point.value).collect::<Vec<_>>(), [Some(Value::AsInt(6))]);

    let samples = Samples::of(&telemetry);
    for (metric, count) in
        [("odd.sum", 3.0), ("odd.classic", 2.0), ("odd.gauge", 3.0), ("odd.exponential", 3.0), ("odd.pools", 2.0)]
    {
        let labels = [("metric", metric), ("reason", "key")];
        assert_eq!(samples.get("phoenix_otel_dropped_total", &labels), Some(count), "{metric}");
    }
}

fn exponential(instrument: &Instrument) -> Option<Stream> {
    let aggregation = Aggregation::Base2ExponentialHistogram { max_size: 8, max_scale: 0, record_min_max: true };
    let is_meant = instrument.name() == "odd.exponential";
    is_meant.then(|| Stream::builder().with_aggregation(aggregation).build().expect("a stream"))
}

#[test]
fn an_empty_key_of_a_resource_attribute_is_dropped() {
    isolated!();
    let error = phoenix_otel::builder("keys").resource_attribute("", "x").init().expect_err("it has none").to_string();
    assert!(error.contains("resource_attribute") && error.contains("a non-empty key"), "{error}");
}
