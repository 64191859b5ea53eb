//! Agent, gateway and Prometheus as processes, with the exports of many instances.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::wait::wait_for;
use phoenix_otel_tests::{Collector, Link, Prometheus, http};

use crate::payload::{self, POINTS, SERIES};
use crate::usage::{cpu, memory};
use crate::{PATIENCE, per_million};

/// The number of instances, of their exports, and of concurrent exports.
const INSTANCES: usize = 400;
const ROUNDS: usize = 10;
const CLIENTS: usize = 4;
/// How many exports of all instances wait on disk at the end.
const WAITING: usize = 10;

/// Measures all three under load, then the queue on an agent's disk, and prints the results.
pub(crate) fn measure() {
    let listen = format!("127.0.0.1:{}", free_port());
    let mut prometheus = Prometheus::from_repository().remote_write_receiver().listen(&listen).start();
    let written = Link::to(prometheus.address());
    let mut gateway = Collector::gateway(&format!("http://{}/api/v1/write", written.address())).start();
    let sent = Link::to(&gateway.otlp_grpc_address());
    let mut agent = Collector::agent(&[&sent.address()]).env("OTELCOL_QUEUE_SIZE", "10000000").start();

    let ids = [
        ("agent", agent.process().id()),
        ("gateway", gateway.process().id()),
        ("Prometheus", prometheus.process().id()),
    ];
    let idle: Vec<(f64, f64)> = ids.iter().map(|(_, id)| (cpu(*id), memory(*id).0)).collect();
    // New series cost Prometheus more than samples, so they are measured separately.
    export(&agent.otlp_http_url(), 1);
    all_there(&prometheus, 1);
    let new = cpu(ids[2].1) - idle[2].0;
    println!("\nPrometheus: {:.1} CPU-s per million new series", per_million(new, INSTANCES * SERIES));
    let before: Vec<f64> = ids.iter().map(|(_, id)| cpu(*id)).collect();
    let carried = (sent.bytes_sent(), written.bytes_sent());
    let begun = Instant::now();
    for round in 2..=ROUNDS + 1 {
        export(&agent.otlp_http_url(), round);
        all_there(&prometheus, round);
    }
    let samples = INSTANCES * SERIES * ROUNDS;
    let points = INSTANCES * POINTS * ROUNDS;
    println!(
        "{INSTANCES} instances, {POINTS} data points each, {ROUNDS} exports: {points} points, {samples} samples, {} series, in {:.1} s",
        INSTANCES * SERIES,
        begun.elapsed().as_secs_f64()
    );
    for (((name, id), (_, rss_before)), cpu_before) in ids.iter().zip(&idle).zip(&before) {
        let (used, (rss, most)) = (cpu(*id) - cpu_before, memory(*id));
        println!(
            "  {name:<10} {used:>6.2} CPU-s, {:>6.2} per million points; MiB: {rss_before:.0} idle, {rss:.0} now, {most:.0} at most",
            per_million(used, points)
        );
    }
    println!(
        "  agent to gateway {:.0} bytes a point, gateway to Prometheus {:.1} bytes a sample",
        (sent.bytes_sent() - carried.0) as f64 / points as f64,
        (written.bytes_sent() - carried.1) as f64 / samples as f64
    );
    let head = memory(ids[2].1).0 - idle[2].1;
    println!("  Prometheus: {:.2} KiB of memory a series", head * 1024.0 / (INSTANCES * SERIES) as f64);

    // An agent without a reachable gateway.
    gateway.process().kill();
    let mut agent = Collector::agent(&[&sent.address()]).start();
    for round in 1..=WAITING {
        export(&agent.otlp_http_url(), round);
    }
    let waiting = WAITING * INSTANCES * POINTS;
    println!(
        "  an agent with {waiting} points that wait: {:.0} bytes a point on disk, {:.0} MiB of memory",
        size(&agent.storage()) as f64 / waiting as f64,
        memory(agent.process().id()).0
    );
}

/// Each instance exports once, some of them concurrently.
fn export(url: &str, round: usize) {
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                for instance in (client..INSTANCES).step_by(CLIENTS) {
                    let body = payload::export(instance, round);
                    let answer = http::post_bytes(&format!("{url}/v1/metrics"), "application/x-protobuf", &body);
                    answer.and_then(http::Response::ok).unwrap_or_else(|e| panic!("instance {instance}: {e}"));
                }
            });
        }
    });
}

/// Waits until every instance has a sample of each round.
fn all_there(prometheus: &Prometheus, rounds: usize) {
    let query = r#"sum(count_over_time(phoenix_capacity_requests_0_total{method="some_function_0",status="ok"}[15m]))"#;
    wait_for(PATIENCE, "every export to arrive", || {
        // Poll rarely, since each query uses CPU time of Prometheus that is measured.
        thread::sleep(Duration::from_millis(500));
        let there: f64 = prometheus.query(query).iter().map(|(_, value)| value).sum();
        if there == (INSTANCES * rounds) as f64 { Ok(()) } else { Err(format!("{there}")) }
    });
}

/// Returns the disk usage of a folder.
fn size(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    files
        .filter_map(|file| file.ok()?.metadata().ok())
        .map(|file| std::os::unix::fs::MetadataExt::blocks(&file) * 512)
        .sum()
}
