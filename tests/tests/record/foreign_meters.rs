//! Meters of other libraries that use only the OpenTelemetry API: our exporters export their metrics like ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::{InstrumentationScope, KeyValue, global};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data};
use phoenix_otel::{Builder, Telemetry, View};
use phoenix_otel_tests::otlp_sink::{Received, Sink};
use phoenix_otel_tests::rerun::{is_child, run};
use phoenix_otel_tests::{Samples, http, this_test, wait_until};

const IDENTITY: [(&str, &str); 2] = [("service", "host-service"), ("version", "1.2.3")];

#[test]
fn metrics_of_other_libraries_are_exported_by_every_exporter() {
    phoenix_otel_tests::isolated!();
    let (telemetry, sink) = start(&[]);
    let depth = Arc::new(AtomicU64::new(7));
    {
        // As a library does it: with the global meter, and instruments that live as long as it needs them.
        let meter = global::meter("other-library");
        let requests =
            meter.u64_counter("http.client.requests").with_unit("{request}").with_description("Sent.").build();
        requests.add(2, &[KeyValue::new("http.request.method", "GET"), KeyValue::new("retried", false)]);
        requests.add(1, &[KeyValue::new("http.request.method", "POST"), KeyValue::new("retried", true)]);
        let duration = meter.f64_histogram("http.client.request.duration").with_unit("s");
        let duration = duration.with_boundaries(vec![0.1, 1.0]).build();
        for seconds in [0.05, 0.5, 5.0] {
            duration.record(seconds, &[]);
        }
        meter.u64_histogram("http.client.size").with_unit("By").build().record(7, &[]);
        meter.i64_up_down_counter("pool.connections").build().add(-1, &[]);
        let read = depth.clone();
        meter
            .u64_observable_gauge("queue.depth")
            .with_callback(move |observer| {
                observer.observe(read.load(Ordering::Relaxed), &[KeyValue::new("queue", "mail")])
            })
            .build();
        let counted = depth.clone();
        meter
            .u64_observable_counter("queue.seen")
            .with_callback(move |observer| observer.observe(counted.load(Ordering::Relaxed), &[]))
            .build();
    }

    let samples = scraped(&telemetry);
    let get = |name: &str, labels: &[(&str, &str)]| samples.get(name, &[&IDENTITY, labels].concat());
    assert_eq!(get("http_client_requests_total", &[("http_request_method", "GET"), ("retried", "false")]), Some(2.0));
    assert_eq!(get("http_client_requests_total", &[("http_request_method", "POST"), ("retried", "true")]), Some(1.0));
    for (bound, count) in [("0.1", 1.0), ("1", 2.0), ("+Inf", 3.0)] {
        assert_eq!(get("http_client_request_duration_seconds_bucket", &[("le", bound)]), Some(count), "{bound}");
    }
    assert_eq!(get("http_client_request_duration_seconds_sum", &[]), Some(5.55));
    assert_eq!(get("http_client_size_bytes_bucket", &[("le", "10")]), Some(1.0), "the SDK's own bounds");
    assert_eq!(get("pool_connections", &[]), Some(-1.0));
    assert_eq!(get("queue_depth", &[("queue", "mail")]), Some(7.0));
    assert_eq!(get("queue_seen_total", &[]), Some(7.0));
    identified(&samples);

    // The callback of an observable instrument runs at each collection, whoever collects.
    depth.store(9, Ordering::Relaxed);
    assert_eq!(scraped(&telemetry).get("queue_depth", &[]), Some(9.0));
    depth.store(11, Ordering::Relaxed);
    telemetry.force_flush().into_result().expect("the sink accepts the push");
    let received = sink.next();
    assert_eq!(received.sum("http.client.requests"), Some(3));
    assert_eq!(received.sum("pool.connections"), Some(-1));
    assert_eq!(received.sum("queue.seen"), Some(11));
    let Some(Data::Histogram(histogram)) = metric(&received, "http.client.request.duration") else {
        panic!("{received:#?}");
    };
    assert_eq!(histogram.data_points[0].bucket_counts, [1, 1, 1]);
    assert_eq!(scopes_of(&received, "http.client.requests"), ["other-library"]);
    let resource = received.request.resource_metrics[0].resource.as_ref().expect("a resource");
    for key in ["service", "version", "service.name", "service.version", "service.instance.id"] {
        assert!(resource.attributes.iter().any(|attribute| attribute.key == key), "{key}: {resource:?}");
    }
}

#[test]
fn histograms_of_others_are_exponential_where_that_is_configured() {
    phoenix_otel_tests::isolated!();
    let setting = ("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram");
    let (telemetry, sink) = start(&[setting]);
    let latency = global::meter("other-library").f64_histogram("rpc.latency").with_unit("s").build();
    for seconds in [0.0, 0.001, 1.0, 1000.0] {
        latency.record(seconds, &[KeyValue::new("method", "get")]);
    }

    let samples = scraped(&telemetry);
    let labels = [IDENTITY[0], IDENTITY[1], ("method", "get")];
    assert_eq!(samples.get("rpc_latency_seconds_count", &labels), Some(4.0));
    assert_eq!(samples.get("rpc_latency_seconds_sum", &labels), Some(1001.001));
    // As a classic histogram of few buckets: cumulative. Values over six powers of ten have the powers of 2 as bounds.
    let mut buckets: Vec<(f64, f64)> = samples
        .all("rpc_latency_seconds_bucket", &labels)
        .map(|sample| (sample.labels["le"].parse().expect("a bound is a number"), sample.value))
        .collect();
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{buckets:?}");
    assert_eq!(buckets.last(), Some(&(f64::INFINITY, 4.0)));
    assert!(buckets.len() <= 34, "{buckets:?}");
    for (value, at_most) in [(0.001, 2.0), (1.0, 3.0), (1000.0, 4.0)] {
        let (bound, count) = buckets.iter().find(|(bound, _)| *bound >= value).expect("a bound above");
        assert!(*count == at_most && *bound < value * 2.0, "{value} is in the bucket of {bound} with {count}");
    }
    identified(&samples);

    telemetry.force_flush().into_result().expect("the sink accepts the push");
    let received = sink.next();
    let Some(Data::ExponentialHistogram(histogram)) = metric(&received, "rpc.latency") else { panic!("{received:#?}") };
    let point = &histogram.data_points[0];
    assert_eq!((point.count, point.zero_count, point.sum), (4, 1, Some(1001.001)));
}

#[test]
fn equal_names_in_two_scopes_are_no_duplicates() {
    phoenix_otel_tests::isolated!();
    let (telemetry, sink) = start(&[]);
    for (scope, version, n) in [("lib.b", "2", 20), ("lib.a", "1", 10), ("lib.c", "3", 30)] {
        let scope = InstrumentationScope::builder(scope).with_version(version).build();
        let calls = global::meter_with_scope(scope).u64_counter("lib.calls").build();
        // Two of them have series that differ only in the scope. The third also gets scope labels, since recorded values must not decide about
        // labels.
        calls.add(n, &[KeyValue::new("op", if n == 30 { "close" } else { "open" })]);
    }
    for _ in 0..3 {
        let samples = scraped(&telemetry);
        let mut seen: Vec<_> = samples.iter().map(|sample| (&sample.name, &sample.labels)).collect();
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), all, "a series stands twice");
        assert_eq!(samples.sum("lib_calls_total", &[]), 60.0);
        // Always the same one of the two keeps the series without scope labels.
        let marked = [("op", "open"), ("otel_scope_name", "lib.b"), ("otel_scope_version", "2")];
        assert_eq!(samples.get("lib_calls_total", &marked), Some(20.0));
        let marked = [("op", "close"), ("otel_scope_name", "lib.c"), ("otel_scope_version", "3")];
        assert_eq!(samples.get("lib_calls_total", &marked), Some(30.0));
        identified(&samples);
    }
    telemetry.force_flush().into_result().expect("the sink accepts the push");
    let received = sink.next();
    assert_eq!(scopes_of(&received, "lib.calls"), ["lib.a", "lib.b", "lib.c"]);
}

/// One library with one meter per pool: every scope keeps its series, with labels of its scope.
#[test]
fn meters_that_differ_only_in_attributes_keep_their_series() {
    phoenix_otel_tests::isolated!();
    let registry = prometheus::Registry::new();
    let (telemetry, sink) = start_with(&[], |builder| builder.export_into(registry.clone()));
    let pools = [("a", 1u32), ("b", 2), ("c", 3)];
    for (pool, n) in pools {
        let attributes = [
            KeyValue::new("pool.name", pool),
            KeyValue::new("size", 4),
            // The label of this name belongs to the scope's own name.
            KeyValue::new("name", "pool"),
        ];
        let scope = InstrumentationScope::builder("db-client").with_version("3").with_attributes(attributes).build();
        let meter = global::meter_with_scope(scope);
        meter.u64_counter("db.connections.taken").build().add(n.into(), &[]);
        meter.f64_histogram("db.wait").with_unit("s").with_boundaries(vec![1.0]).build().record(0.5, &[]);
        // A point's attribute takes precedence over the scope's.
        meter.u64_gauge("db.free").build().record(n.into(), &[KeyValue::new("otel_scope_size", "huge")]);
    }
    let labels = |pool: &'static str, size: &'static str| [("otel_scope_pool_name", pool), ("otel_scope_size", size)];
    // Twice, since the SDK returns the scopes in varying order.
    for _ in 0..2 {
        let encoded = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("it is text");
        for samples in [scraped(&telemetry), Samples::parse(&encoded)] {
            for (pool, n) in pools {
                let four = labels(pool, "4");
                assert_eq!(
                    samples.get("db_connections_taken_total", &[&IDENTITY[..], &four].concat()),
                    Some(f64::from(n))
                );
                assert_eq!(samples.get("db_wait_seconds_count", &[&IDENTITY[..], &four].concat()), Some(1.0));
            }
            assert_eq!(samples.all("db_connections_taken_total", &[]).count(), pools.len());
            assert!(samples.all("db_connections_taken_total", &[("otel_scope_name", "pool")]).next().is_none());
        }
        let samples = scraped(&telemetry);
        for (pool, n) in pools {
            assert_eq!(samples.get("db_free", &labels(pool, "huge")), Some(f64::from(n)));
        }
    }
    telemetry.force_flush().into_result().expect("the sink accepts the push");
    let received = sink.next();
    assert_eq!(scopes_of(&received, "db.connections.taken"), ["db-client"; 3]);
}

/// Scopes of one library with equal labels: sums are added up, one gauge is kept, and the others are counted and reported.
#[test]
fn merging_scopes_with_equal_labels_is_reported() {
    phoenix_otel_tests::isolated!();
    let builder = phoenix_otel::builder("host-service").environment([("OTEL_EXPORTER_PROMETHEUS_PORT", "0")]);
    let telemetry = builder.exporter("prometheus").without_subscriber().init().expect("init succeeds");
    let same = |metric: &'static str| {
        // The first three attributes collide with the scope's own name, version and schema; the last one has no key.
        let reserved = ["name", "version", "schema_url", "schema.url", ""].map(|key| KeyValue::new(key, metric));
        reserved.into_iter().map(|attribute| vec![attribute]).collect::<Vec<_>>()
    };
    for (metric, scopes) in [
        ("db.reserved", same("db.reserved")),
        ("db.as.text", vec![vec![KeyValue::new("size", 1)], vec![KeyValue::new("size", "1")]]),
        ("db.own", vec![vec![KeyValue::new("pool", "a")], vec![KeyValue::new("pool", "b")]]),
    ] {
        let own = [KeyValue::new("otel_scope_pool", "x")];
        let attributes = if metric == "db.own" { &own[..] } else { &[] };
        for (scope, n) in scopes.into_iter().zip(1..) {
            let scope = InstrumentationScope::builder("db-client").with_attributes(scope).build();
            let meter = global::meter_with_scope(scope);
            meter.u64_counter(metric).build().add(n, attributes);
            let (up_down, gauge) = (format!("{metric}.open"), format!("{metric}.level"));
            meter.i64_up_down_counter(up_down).build().add(-1, attributes);
            meter.u64_gauge(gauge).build().record(n, attributes);
        }
    }
    let first = scraped(&telemetry);
    for (metric, sum, scopes) in [("db_reserved", 15.0, 5.0), ("db_as_text", 3.0, 2.0), ("db_own", 3.0, 2.0)] {
        assert_eq!(first.get(&format!("{metric}_total"), &IDENTITY[..1]), Some(sum), "{metric}");
        assert_eq!(first.get(&format!("{metric}_open"), &IDENTITY[..1]), Some(-scopes), "{metric}");
        let level = format!("{metric}_level");
        let (samples, kept) = (scraped(&telemetry), first.get(&level, &[]));
        assert!(kept.is_some() && samples.get(&level, &[]) == kept, "{metric}: {kept:?}");
        assert_eq!(samples.all(&level, &[]).count(), 1, "{metric}");
    }
    let before = scraped(&telemetry);
    let after = scraped(&telemetry);
    for (metric, lost) in [("db_reserved_level", 4.0), ("db_as_text_level", 1.0), ("db_own_level", 1.0)] {
        let labels = [("metric", metric), ("reason", "duplicate")];
        let [before, after] = [&before, &after].map(|samples| samples.get("phoenix_otel_dropped_total", &labels));
        assert_eq!(after.zip(before).map(|(after, before)| after - before), Some(lost), "{metric}: each scrape counts");
    }
    let health = telemetry.health().to_string();
    assert!(health.contains("6 samples were dropped from the last scrape"), "{health}");
}

/// An instrument that the SDK silently rejects is reported once, with its library, and its values are counted.
#[test]
fn illegal_instruments_are_reported_once_and_counted() {
    if is_child() {
        let builder = phoenix_otel::builder("host-service").exporter("prometheus").without_listener();
        let builder = builder.view(View::select("größe").rename("size"));
        let telemetry = builder.without_subscriber().init().expect("init succeeds");
        let meter = global::meter("other-library");
        for _ in 0..2 {
            let lives = meter.u64_counter("9lives").build();
            lives.add(1, &[KeyValue::new("cat", "black")]);
            lives.bind(&[]).add(1);
        }
        meter.f64_gauge("heat").with_unit("°C").build().record(1.0, &[]);
        meter.i64_up_down_counter("depth").with_unit("x".repeat(64)).build().add(1, &[]);
        let falling = meter.f64_histogram("wait").with_unit("s").with_boundaries(vec![1.0, 0.5]).build();
        falling.record(1.0, &[]);
        meter.u64_histogram("sizes").with_boundaries(vec![f64::NAN]).build().record(1, &[]);
        let observed = meter.u64_observable_gauge("queue depth");
        observed.with_callback(|observer| observer.observe(1, &[KeyValue::new("queue", "mail")])).build();
        meter.u64_counter("").build().add(1, &[]);
        // A view renames it.
        meter.u64_counter("größe").build().add(3, &[]);
        // Valid in the SDK.
        meter.u64_counter("a..b").with_unit("").build().add(1, &[]);
        // The second collection shows the observations of the first one's callbacks.
        telemetry.exposition().expect("it is text");
        println!("\n{}", telemetry.exposition().expect("it is text"));
        return;
    }
    let (stdout, stderr) = run(this_test!(), &[]);
    for (instrument, problem) in [
        ("9lives", "a metric's name must start with a letter"),
        ("heat", "must be ASCII"),
        ("depth", "at most 63 characters"),
        ("wait", "the bound 0.5 is not greater than the previous bound 1"),
        ("sizes", "the bound NaN is not finite"),
        ("queue depth", "` ` is not allowed in a metric's name"),
        ("(empty)", "a metric's name"),
    ] {
        let of_it: Vec<&str> =
            stderr.lines().filter(|line| line.contains(&format!("instrument=\"{instrument}\""))).collect();
        let [line] = of_it.as_slice() else { panic!("{instrument}: {of_it:?} in {stderr}") };
        assert!(line.contains(problem) && line.contains("meter=\"other-library\""), "{line}");
    }
    assert!(!stderr.contains("größe") && !stderr.contains("a..b"), "{stderr}");
    let lines = stdout.lines().filter(|line| line.starts_with("phoenix_otel_dropped_total{"));
    let samples = Samples::parse(&lines.collect::<Vec<_>>().join("\n"));
    for (metric, reason, count) in [
        ("9lives", "name", 4.0),
        ("heat", "unit", 1.0),
        ("depth", "unit", 1.0),
        ("wait", "bounds", 1.0),
        ("sizes", "bounds", 1.0),
        ("queue depth", "name", 1.0),
        ("(empty)", "name", 1.0),
    ] {
        let labels = [("metric", metric), ("reason", reason)];
        let dropped = samples.get("phoenix_otel_dropped_total", &labels);
        assert!(dropped.is_some_and(|dropped| dropped >= count), "{metric}: {dropped:?}");
    }
    assert!(stdout.contains("\nsize_total{") && !stdout.contains("9lives{") && !stdout.contains("\nwait"), "{stdout}");
}

/// Starts telemetry that is scraped and pushes.
fn start(environment: &[(&str, &str)]) -> (Telemetry, Sink) {
    start_with(environment, |builder| builder)
}

fn start_with(environment: &[(&str, &str)], more: impl FnOnce(Builder) -> Builder) -> (Telemetry, Sink) {
    let sink = Sink::http(None, &[]);
    let endpoint = format!("http://127.0.0.1:{}", sink.port());
    let fixed = [
        ("OTEL_METRICS_EXPORTER", "prometheus,otlp"),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        // Only the flush pushes.
        ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
    ];
    let builder = phoenix_otel::builder("host-service").version("1.2.3");
    let builder = more(builder.environment(fixed.iter().chain(environment).copied()));
    (builder.init().expect("init succeeds"), sink)
}

fn scraped(telemetry: &Telemetry) -> Samples {
    let address = wait_until("the endpoint to listen", || telemetry.scrape_address().ok_or("it does not yet"));
    let answer = http::get(&format!("http://{address}/metrics"), &[]).and_then(http::Response::ok);
    Samples::parse(&answer.expect("it is served"))
}

fn identified(samples: &Samples) {
    for sample in samples.iter() {
        for (label, value) in IDENTITY {
            assert_eq!(sample.labels.get(label).map(String::as_str), Some(value), "{sample:?}");
        }
    }
}

fn metric<'r>(received: &'r Received, name: &str) -> Option<&'r Data> {
    received.metric(name).and_then(|metric: &Metric| metric.data.as_ref())
}

/// Returns the scopes that have a metric of this name.
fn scopes_of(received: &Received, name: &str) -> Vec<String> {
    let scopes = received.request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let having = scopes.filter(|scope| scope.metrics.iter().any(|metric| metric.name == name));
    let mut names: Vec<String> = having.map(|scope| scope.scope.clone().unwrap_or_default().name).collect();
    names.sort();
    names
}
