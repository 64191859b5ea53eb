//! Reports on standard error without a `tracing` subscriber, and the output on standard output. Each test runs in its own process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::time::Duration;

use opentelemetry::propagation::TextMapPropagator;
use phoenix_otel::{Otlp, Prometheus, metrics};
use phoenix_otel_tests::otlp_sink::{Answer, Sink};
use phoenix_otel_tests::receiver_down::{Failure, ReceiverDown, count, pushing, within_timeout, without_waiting};
use phoenix_otel_tests::rerun::{command, is_child, run};
use phoenix_otel_tests::this_test;
use phoenix_otel_tests::{Samples, http, wait_until};

use super::exporters::test_double::{Act, Double};

const DEADLINE: Duration = Duration::from_secs(2);

metrics! {
    /// A metric with a small cap.
    static NARROW: Counter { what: &str } = "acme.narrow" { unit: "{thing}", cap: 1 };
}

/// Returns our lines of the log.
fn ours(stderr: &str) -> Vec<&str> {
    stderr.lines().filter(|line| line.starts_with("phoenix-otel: ")).collect()
}

#[track_caller]
fn one(lines: &[&str], parts: &[&str]) {
    let found = lines.iter().filter(|line| parts.iter().all(|part| line.contains(part))).count();
    assert_eq!(found, 1, "{parts:?} in {lines:#?}");
}

#[test]
fn without_a_subscriber_errors_go_to_standard_error() {
    if is_child() {
        let dead = ReceiverDown::new(Failure::Refuses);
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let builder = pushing("http/protobuf", &dead.address()).exporter("otlp");
        let port = taken.local_addr().unwrap().port();
        let builder = builder.exporter(Prometheus::new().host("127.0.0.1").port(port));
        let telemetry = builder.shutdown_timeout(DEADLINE).init().unwrap();
        NARROW.add(1, NARROW { what: "a" });
        NARROW.add(1, NARROW { what: "b" });
        return drop(telemetry);
    }
    let (_, stderr) = run(this_test!(), &[]);
    let lines = ours(&stderr);
    one(&lines, &["the scrape endpoint cannot listen", "host=\"127.0.0.1\"", "in use"]);
    one(&lines, &["the metric has reached its cap", "metric=\"acme_narrow_total\"", "cap=1"]);
    one(&lines, &["metrics could not be exported", "exporter=\"otlp\"", "refused"]);
    one(&lines, &["at shutdown: otlp: ", "data points were not delivered: ", "refused"]);
    assert_eq!(lines.len(), 4, "{lines:#?}");
}

/// Clients of the endpoint can read health, but not the log.
#[test]
fn the_message_of_a_panic_is_only_in_the_log() {
    if is_child() {
        let builder = phoenix_otel::builder("test").without_subscriber().environment([("", ""); 0]);
        let builder = builder.exporter(Prometheus::new().host("127.0.0.1").port(0));
        let telemetry = builder.push_exporter("panics", Double::new(Act::Panics).with_deltas()).init().unwrap();
        let lost = telemetry.force_flush().to_string();
        let address = telemetry.scrape_address().unwrap();
        let get = |path: &str| http::get(&format!("http://{address}{path}"), &[]).unwrap().ok().unwrap();
        for (place, text) in [("a flush", lost), ("health", get("/healthz"))] {
            assert!(text.contains("the export panicked; see the service's log"), "{place}: {text}");
            assert!(!text.contains("a bug of the exporter"), "{place}: {text}");
        }
        let history = get("/api/v1/history");
        return assert!(!history.contains("a bug of the exporter"), "{history}");
    }
    let (_, stderr) = run(this_test!(), &[]);
    one(&ours(&stderr), &["the export panicked", "panic=\"a bug of the exporter\""]);
}

#[test]
fn the_first_and_every_tenth_consecutive_failure_is_logged() {
    if is_child() {
        let dead = ReceiverDown::new(Failure::Refuses);
        let builder = pushing("http/protobuf", &dead.address()).interval(Duration::from_millis(1));
        let telemetry = builder.shutdown_timeout(DEADLINE).init().unwrap();
        wait_until("21 failures", || {
            let health = telemetry.health().to_string();
            let failures = health.split_once("failures: ").and_then(|(_, rest)| rest.split(')').next()?.parse().ok());
            if failures >= Some(21) { Ok(()) } else { Err(health) }
        });
        return drop(telemetry);
    }
    let (_, stderr) = run(this_test!(), &[]);
    let logged = ours(&stderr).into_iter().filter(|line| line.contains("metrics could not be exported"));
    let logged: Vec<u32> = logged
        .filter_map(|line| line.split_once(" failures=")?.1.split(' ').next()?.parse().ok())
        .filter(|failures| *failures <= 20)
        .collect();
    assert_eq!(logged, [1, 10, 20], "{stderr}");
}

#[test]
fn a_port_in_use_is_logged() {
    if is_child() {
        tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::ERROR).init();
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let builder = phoenix_otel::builder("taken").without_subscriber();
        let telemetry = builder.exporter(Prometheus::new().host("127.0.0.1").port(port)).init().unwrap();
        // The listener reports before it handles the shutdown.
        return drop(telemetry);
    }
    let (stdout, _) = run(this_test!(), &[]);
    let lines: Vec<_> = stdout.lines().filter(|line| line.contains("ERROR")).collect();
    one(&lines, &["the scrape endpoint cannot listen", "host=\"127.0.0.1\"", "in use"]);
}

#[test]
fn with_a_subscriber_standard_error_stays_empty() {
    if is_child() {
        tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
        let dead = ReceiverDown::new(Failure::Refuses);
        return drop(pushing("grpc", &dead.address()).shutdown_timeout(DEADLINE).init().unwrap());
    }
    let (_, stderr) = run(this_test!(), &[]);
    assert_eq!(ours(&stderr), [""; 0]);
}

#[test]
fn rejected_points_are_reported_without_credentials() {
    if is_child() {
        let sink = Sink::http(None, &[Answer::Reject(3, "too old for s3cret"), Answer::Reject(1, ""), Answer::Accept]);
        let builder = pushing("http/protobuf", &format!("127.0.0.1:{}", sink.port()));
        let builder = builder.exporter(Otlp::new().header("api-key", "s3cret"));
        let telemetry = builder.init().unwrap();
        count(&telemetry, 1);
        for is_complete in [false, false, true] {
            assert_eq!(telemetry.force_flush().is_complete(), is_complete);
        }
        return telemetry.shutdown().into_result().unwrap();
    }
    let (_, stderr) = run(this_test!(), &[]);
    let lines = ours(&stderr);
    one(&lines, &["metrics could not be exported", "points=3", "the receiver rejected 3 of ", "too old for ***\""]);
    one(&lines, &["metrics are exported again", "failures=2"]);
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

#[test]
fn every_invalid_variable_is_reported_at_once() {
    if is_child() {
        return match phoenix_otel::init("test") {
            Ok(telemetry) => eprintln!("{}", telemetry.health()),
            Err(error) => eprintln!("{error}"),
        };
    }
    let wrong = [
        ("OTEL_METRICS_EXPORTER", "prometheus,otlp,carrier-pigeon"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "99999"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "soon"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "smoke"),
        ("OTEL_RESOURCE_ATTRIBUTES", "no pair"),
    ];
    // An address on which nothing else listens.
    let hosts = [
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.99"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.98:4318"),
        ("PHOENIX_OTEL_STRICT", "true"),
    ];
    let (_, stderr) = run(this_test!(), &[&wrong[..], &hosts[..2]].concat());
    let lines: Vec<&str> = stderr.lines().collect();
    one(
        &lines,
        &["WARN", ": invalid and unsupported settings are ignored (PHOENIX_OTEL_STRICT=true makes them errors):"],
    );
    for (name, value) in wrong {
        let read = value.rsplit(',').next().unwrap();
        one(&lines, &[&format!("  {name}: invalid value {read:?}; allowed: "), "; used instead: "]);
    }
    one(&lines, &["OTEL_METRICS_EXPORTER: ", "; used instead: prometheus,otlp"]);
    for exporter in ["prometheus: ", "otlp: "] {
        assert!(lines.iter().any(|line| line.starts_with(exporter)), "{lines:#?}");
    }

    let (_, stderr) = run(this_test!(), &[&wrong[..], &hosts].concat());
    let lines: Vec<&str> = stderr.lines().collect();
    one(&lines, &["the configuration is invalid:"]);
    for (name, value) in wrong {
        let read = value.rsplit(',').next().unwrap();
        one(&lines, &[&format!("  {name}: invalid value {read:?}; allowed: ")]);
    }
    assert!(!stderr.contains("used instead"), "{stderr}");
}

#[test]
fn a_disabled_telemetry_does_nothing() {
    if is_child() {
        let telemetry = phoenix_otel::init("test").unwrap();
        NARROW.add(1, NARROW { what: "a" });
        count(&telemetry, 1);
        assert!(telemetry.scrape_address().is_none());
        assert!(telemetry.exposition().is_err());
        // Propagators work without telemetry.
        let fields = |propagator: &dyn TextMapPropagator| propagator.fields().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(opentelemetry::global::get_text_map_propagator(fields), ["baggage"]);
        telemetry.force_flush().into_result().unwrap();
        without_waiting(DEADLINE, || telemetry.shutdown()).into_result().unwrap();
        return;
    }
    let sink = Sink::http(None, &[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://127.0.0.1:{}", sink.port());
    let port = taken.local_addr().unwrap().port().to_string();
    let (stdout, stderr) = run(
        this_test!(),
        &[
            ("OTEL_SDK_DISABLED", "true"),
            ("OTEL_PROPAGATORS", "baggage"),
            ("OTEL_METRICS_EXPORTER", "prometheus,otlp,console"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_PROMETHEUS_PORT", &port),
        ],
    );
    assert_eq!((sink.count(), ours(&stderr).len(), stdout.contains("acme.narrow")), (0, 0, false), "{stdout}{stderr}");
}

#[test]
fn the_console_exporter_prints_the_metrics() {
    if is_child() {
        let telemetry = phoenix_otel::init("test").unwrap();
        count(&telemetry, 41);
        telemetry.force_flush().into_result().unwrap();
        count(&telemetry, 1);
        return telemetry.shutdown().into_result().unwrap();
    }
    let (stdout, _) = run(this_test!(), &[("OTEL_METRICS_EXPORTER", "console")]);
    let has = |line: &str| stdout.lines().any(|printed| printed.trim() == line);
    assert!(stdout.contains("counted") && has("{} 41") && has("{} 42"), "{stdout}");
}

/// An error for the caller, not a panic at each export.
#[test]
fn a_closed_console_is_an_error() {
    if is_child() {
        let telemetry = phoenix_otel::init("test").unwrap();
        // The export at the start has ended.
        telemetry.force_flush().into_result().unwrap();
        eprintln!("it runs");
        let lost =
            wait_until("the pipe to be closed", || telemetry.force_flush().into_result().err().ok_or("it is open"));
        assert!(lost.to_string().contains("standard output cannot be written: Broken pipe"), "{lost}");
        telemetry.force_flush().into_result().unwrap_err();
        let health = telemetry.health().to_string();
        assert!(health.contains("console: failing (consecutive failures: 2)"), "{health}");
        eprintln!("all of it held");
        // The test harness prints the result, and panics at that.
        std::process::exit(0);
    }
    let console = [("OTEL_METRICS_EXPORTER", "console"), ("OTEL_METRIC_EXPORT_INTERVAL", "3600000")];
    let mut child = command(this_test!(), &console).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("it runs") && stderr.read_line(&mut said).unwrap() > 0 {}
    drop(child.stdout.take());
    stderr.read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success() && said.contains("all of it held"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

/// The output exceeds any pipe buffer, and nobody reads it. Scrape and push still work, and the shutdown is bounded.
#[test]
fn a_console_that_nobody_reads_blocks_nothing_else() {
    if is_child() {
        // The test harness would hang when it prints the result, so the process exits here.
        std::panic::set_hook(Box::new(|panic| {
            eprintln!("{panic}");
            std::process::exit(1);
        }));
        let sink = Sink::http(None, &[]);
        let builder =
            pushing("http/protobuf", &format!("127.0.0.1:{}", sink.port())).interval(Duration::from_millis(100));
        let builder = builder
            .export_timeout(Duration::from_secs(2))
            .exporter("console")
            .exporter("otlp")
            .shutdown_timeout(DEADLINE);
        let builder = builder.exporter(Prometheus::new().host("127.0.0.1").port(0));
        let telemetry = builder.init().unwrap();
        let long = "x".repeat(4000);
        let instrument = opentelemetry::metrics::MeterProvider::meter(telemetry.meter_provider(), "test")
            .u64_counter("long")
            .build();
        for which in 0..100 {
            instrument.add(1, &[opentelemetry::KeyValue::new("text", format!("{long}{which}"))]);
        }
        let url = format!("http://{}/healthz", telemetry.scrape_address().unwrap());
        let metrics = url.replace("healthz", "metrics");
        // Pushes after the console has begun to hang.
        for _ in 0..20 {
            sink.next();
        }
        assert_eq!(Samples::parse(&http::get(&metrics, &[]).unwrap().body).sum("long_total", &[]), 100.0);
        wait_until("the console to be seen as what it is", || {
            let health = http::get(&url, &[]).unwrap().body;
            let is_seen = health.contains("otlp: ok") && health.contains("console: failing");
            if is_seen { Ok(()) } else { Err(health) }
        });
        let lost = within_timeout(DEADLINE, || telemetry.shutdown()).into_result().unwrap_err();
        assert!(lost.exporters().all(|lost| lost.exporter == "console"), "{lost}");
        eprintln!("all of it held; {lost}");
        std::process::exit(0);
    }
    let mut child = command(this_test!(), &[]).spawn().unwrap();
    // Only standard error is read. Standard output stays in the pipe, which is kept open.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("all of it held") && stderr.read_line(&mut said).unwrap() > 0 {}
    let status = wait_until("the child to end", || child.try_wait().unwrap().ok_or("it runs"));
    stderr.read_to_string(&mut said).unwrap();
    assert!(status.success() && said.contains("all of it held"), "{status} {said}");
}
