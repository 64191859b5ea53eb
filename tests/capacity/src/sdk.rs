//! Our own export: collecting, encoding and sending, within the service's process.

use std::time::Duration;

use phoenix_otel::metrics;
use phoenix_otel_tests::Collector;

use crate::per_million;
use crate::usage::{cpu, memory};

metrics! {
    /// Requests.
    static REQUESTS: Counter { method: &str } = "capacity.requests" { unit: "{request}", cap: 20_000 };
    /// Time.
    static DURATION: Histogram { method: &str } = "capacity.duration" {
        unit: "s",
        bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
        cap: 20_000
    };
}

/// The number of data points, and of exports, so that each measurement is long enough for the kernel's clock.
const SIZES: [(usize, usize); 3] = [(100, 2_000), (1_000, 500), (10_000, 100)];

/// Measures and prints the cost. A fifth of the points are histograms.
pub(crate) fn measure() {
    println!("\nexport of the SDK to a collector on the same machine, without compression");
    for (protocol, compression) in [("http/protobuf", "none"), ("http/protobuf", "gzip"), ("grpc", "none")] {
        for (points, exports) in SIZES {
            measured(protocol, compression, points, exports);
        }
    }
}

fn measured(protocol: &str, compression: &str, points: usize, exports: usize) {
    // It receives the data and stores nothing, since only our side is measured.
    let collector = Collector::scraped().start();
    let endpoint = if protocol == "grpc" { collector.otlp_grpc_url() } else { collector.otlp_http_url() };
    let mut environment = vec![
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
    ];
    if compression != "none" {
        environment.push(("OTEL_EXPORTER_OTLP_COMPRESSION", compression));
    }
    let telemetry = phoenix_otel::builder("capacity").without_subscriber().environment(environment);
    let telemetry = telemetry.export_timeout(Duration::from_secs(60)).init().expect("a valid configuration");
    for number in 0..points {
        let method = format!("some_function_{number}");
        if number % 5 == 0 {
            DURATION.record(0.3, DURATION { method: &method });
        } else {
            REQUESTS.add(1, REQUESTS { method: &method });
        }
    }
    telemetry.force_flush().into_result().expect("the collector accepts the push");
    let process = std::process::id();
    let before = cpu(process);
    for _ in 0..exports {
        telemetry.force_flush().into_result().expect("the collector accepts the push");
    }
    let used = cpu(process) - before;
    println!(
        "  {protocol:<13} {compression:<4} {points:>6} points: {:>8.3} ms of CPU an export, {:>6.2} CPU-s per million points, {:.0} MiB",
        used / exports as f64 * 1e3,
        per_million(used, points * exports),
        memory(process).0,
    );
    telemetry.shutdown().into_result().expect("the collector accepts the push");
}
