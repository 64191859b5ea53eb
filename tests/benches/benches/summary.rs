//! The cost of an observation for quantiles, compared with an observation in buckets.

use std::sync::LazyLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use phoenix_otel::metrics;
use phoenix_otel_benches::{Contender, compare};

metrics! {
    /// Latency, in buckets.
    static BUCKETS: Histogram { method: &str } = "bench.buckets" {
        unit: "s", bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]
    };
    /// Latency, with quantiles.
    static QUANTILES: Summary { method: &str } = "bench.quantiles" { unit: "s" };
}

/// Latencies from 1 ms to 8 s, the same for all contenders.
fn latency(n: u32) -> f64 {
    f64::from(n.wrapping_mul(2_654_435_761) >> 19) / 1000.0 + 0.001
}

fn buckets(iterations: u32) {
    for n in 0..iterations {
        BUCKETS.record(latency(n), BUCKETS { method: "get" });
    }
}

fn quantiles(iterations: u32) {
    for n in 0..iterations {
        QUANTILES.record(latency(n), QUANTILES { method: "get" });
    }
}

static PEER: LazyLock<PrometheusHandle> =
    LazyLock::new(|| PrometheusBuilder::new().install_recorder().expect("no other recorder is set"));

/// It stores every observation until its upkeep, which is part of the cost.
fn peer(iterations: u32) {
    for n in 0..iterations {
        ::metrics::histogram!("bench.quantiles", "method" => "get").record(latency(n));
    }
    PEER.run_upkeep();
}

fn main() {
    let telemetry =
        phoenix_otel::builder("bench").exporter("prometheus").without_listener().init().expect("a valid configuration");
    LazyLock::force(&PEER);
    let contenders = [
        Contender { name: "phoenix-otel, Histogram", run: buckets },
        Contender { name: "phoenix-otel, Summary", run: quantiles },
        Contender { name: "metrics-exporter-prometheus, a summary", run: peer },
    ];
    for threads in [1, 2] {
        compare("an observation", &contenders, threads, 30, 50_000);
    }
    drop(telemetry);
}
