//! A batch job of two seconds, in a real Prometheus: tests what `docs/batch-jobs.md` says.

use std::process::Output;
use std::time::{Duration, Instant};

use phoenix_otel::metrics;
use phoenix_otel_tests::receiver_down::{Failure, ReceiverDown};
use phoenix_otel_tests::rerun::{command, is_child};
use phoenix_otel_tests::tools::repository_file;
use phoenix_otel_tests::{Collector, Prometheus, this_test, wait_until};

metrics! {
    /// Rows that were imported.
    static ROWS: Counter = "batch.rows" { unit: "{row}" };
}

/// The rows that each of the two runs of the page imports.
const RUNS: [u64; 2] = [40, 60];

/// The job, in a process of its own. It works for two seconds. It fails only in strict mode.
fn job() {
    let telemetry = phoenix_otel::init("nightly-import").unwrap();
    let rows: u64 = std::env::var("ROWS").unwrap().parse().unwrap();
    let begun = Instant::now();
    ROWS.add(rows / 2, ());
    // The work of the job.
    std::thread::sleep(Duration::from_secs(2).saturating_sub(begun.elapsed()));
    ROWS.add(rows - rows / 2, ());
    let delivery = telemetry.shutdown();
    if std::env::var_os("STRICT").is_some() {
        delivery.into_result().unwrap();
    }
}

/// Runs the job to its end.
fn run(test: &str, rows: u64, endpoint: &str, more: &[(&str, &str)]) -> Output {
    let rows = rows.to_string();
    let variables = [
        &[
            ("ROWS", &*rows),
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_TRACES_EXPORTER", "none"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ],
        more,
    ];
    command(test, &variables.concat()).output().expect("the test program starts")
}

#[track_caller]
fn succeeds(output: &Output) {
    assert!(output.status.success(), "{output:?}");
}

/// Returns the queries of the page, and whether the page calls them exact.
fn queries() -> Vec<(String, bool)> {
    let page = repository_file("docs/batch-jobs.md");
    let blocks = page.split("```promql\n").skip(1).map(|rest| rest.split_once("```").expect("a block ends").0);
    let queries = blocks.map(|block| match block.trim().split_once('\n') {
        Some(("# exact", query)) => (query.to_owned(), true),
        Some(("# an estimate", query)) => (query.to_owned(), false),
        _ => panic!("a query begins with `# exact` or `# an estimate`: {block}"),
    });
    queries.collect()
}

fn value(prometheus: &Prometheus, query: &str) -> f64 {
    let answer = prometheus.query(query);
    assert_eq!(answer.len(), 1, "{query}: {}", answer.lines());
    answer.iter().map(|(_, value)| value).sum()
}

/// Waits until both runs have arrived, with their zeros.
fn has_arrived(prometheus: &Prometheus) {
    wait_until("both runs to arrive", || {
        let samples = prometheus.query("sum(count_over_time(batch_rows_total[10m]))");
        let seen = samples.iter().map(|(_, samples)| samples).sum::<f64>();
        if seen == 4.0 { Ok(()) } else { Err(format!("{seen} samples")) }
    });
    assert_eq!(value(prometheus, "max(min_over_time(batch_rows_total[10m]))"), 0.0, "each series begins at 0");
}

#[test]
fn queries_that_the_page_calls_exact_are_exact() {
    if is_child() {
        return job();
    }
    let receiving = Prometheus::from_repository().otlp_receiver().start();
    let written = Prometheus::from_repository().remote_write_receiver().start();
    let gateway = Collector::gateway(&written.remote_write_url()).start();
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).start();
    let total = RUNS.iter().sum::<u64>() as f64;
    for (prometheus, endpoint) in [(&receiving, receiving.otlp_url()), (&written, agent.otlp_http_url())] {
        for rows in RUNS {
            succeeds(&run(this_test!(), rows, &endpoint, &[]));
        }
        has_arrived(prometheus);
        let queries = queries();
        assert!(queries.iter().any(|(_, exact)| *exact) && queries.iter().any(|(_, exact)| !*exact), "{queries:?}");
        for (query, exact) in queries {
            let value = value(prometheus, &query);
            if exact {
                assert_eq!(value, total, "{endpoint}: {query}");
            } else {
                // The result is higher than the count, by at most half, since Prometheus extrapolates beyond the two samples.
                assert!(value > 1.01 * total && value < 2.01 * total, "{endpoint}: {query}: {value}");
            }
        }
    }
}

/// Runs with the same ID are one series, which starts at 0 in each run.
#[test]
fn runs_with_the_same_id_are_summed() {
    if is_child() {
        return job();
    }
    let prometheus = Prometheus::from_repository().otlp_receiver().start();
    let id = [("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=nightly-import")];
    for rows in RUNS {
        succeeds(&run(this_test!(), rows, &prometheus.otlp_url(), &id));
    }
    has_arrived(&prometheus);
    assert_eq!(value(&prometheus, "sum(increase(batch_rows_total[10m] anchored))"), 100.0);
    assert_eq!(value(&prometheus, "count(batch_rows_total)"), 1.0);
    assert_eq!(value(&prometheus, "sum(last_over_time(batch_rows_total[10m]))"), 60.0, "the last run alone");
}

#[test]
fn rejected_deltas_fail_only_a_strict_job() {
    if is_child() {
        return job();
    }
    let prometheus = Prometheus::from_repository().otlp_receiver().start();
    let delta = ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta");
    let output = run(this_test!(), 40, &prometheus.otlp_url(), &[delta]);
    succeeds(&output);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("at shutdown: ") && log.contains("not delivered: "), "{log}");
    let strict = run(this_test!(), 40, &prometheus.otlp_url(), &[delta, ("STRICT", "1")]);
    assert!(!strict.status.success(), "{strict:?}");
}

#[test]
fn a_receiver_that_is_down_fails_only_a_strict_job() {
    if is_child() {
        return job();
    }
    let dead = ReceiverDown::new(Failure::Refuses);
    let endpoint = format!("http://{}", dead.address());
    succeeds(&run(this_test!(), 40, &endpoint, &[]));
    let strict = run(this_test!(), 40, &endpoint, &[("STRICT", "1")]);
    let log = String::from_utf8_lossy(&strict.stderr);
    assert!(!strict.status.success() && log.contains(&dead.address()), "{strict:?}");
}
