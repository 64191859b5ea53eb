//! SIGTERM and Ctrl-C end a service, on every runtime and without one; a second signal ends it at once.

use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::rerun::{command, is_child};
use phoenix_otel_tests::{Process, Quickstart, this_test, wait_until};

/// The signals, with the exit code of a process that the second one ends.
const SIGNALS: [(&str, i32); 2] = [("TERM", 143), ("INT", 130)];

/// Starts this test in its own process, and waits until that process waits for a signal.
fn start(test: &str, runtime: &str) -> (Process, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(test, command(test, &[("RUNTIME", runtime)]), folder.path());
    process.wait_ready(|process| process.log().contains("waiting").then_some(()).ok_or_else(|| "it starts".to_owned()));
    (process, folder)
}

/// The handlers are installed before the future is polled.
fn announced() -> impl Future<Output = ()> {
    let waiting = phoenix_otel::signal::wait();
    println!("waiting");
    waiting
}

fn wait_on(runtime: &str) {
    use tokio::runtime::Builder;
    match runtime {
        // Without drivers, which Tokio's own signals would need.
        "current thread" => Builder::new_current_thread().build().unwrap().block_on(announced()),
        "multi thread" => Builder::new_multi_thread().worker_threads(1).build().unwrap().block_on(async {
            // Several futures may wait, and a later one does not wait at all.
            let other = tokio::spawn(phoenix_otel::signal::wait());
            announced().await;
            other.await.unwrap();
            phoenix_otel::signal::wait().await;
        }),
        "another" => futures::executor::block_on(announced()),
        _ => {
            drop(announced());
            phoenix_otel::signal::wait_blocking();
        }
    }
    println!("done waiting");
}

#[test]
fn a_signal_ends_the_wait_on_every_runtime() {
    if is_child() {
        return wait_on(&std::env::var("RUNTIME").unwrap());
    }
    for runtime in ["current thread", "multi thread", "another", "none"] {
        for (signal, _) in SIGNALS {
            let (mut process, _folder) = start(this_test!(), runtime);
            process.signal(signal);
            let status = wait_until("it to end", || process.ended().ok_or_else(|| process.log_tail()));
            assert!(status.success() && process.log().contains("done waiting"), "{runtime}, {signal}: {status}");
        }
    }
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    if is_child() {
        wait_on("none");
        // A shutdown that does not end.
        loop {
            std::thread::park();
        }
    }
    for (first, (second, exit_code)) in ["INT", "TERM"].into_iter().zip(SIGNALS) {
        let (mut process, _folder) = start(this_test!(), "none");
        process.signal(first);
        process.wait_ready(|process| {
            process.log().contains("done waiting").then_some(()).ok_or_else(|| "it waits".to_owned())
        });
        // Signals right after the first one count as duplicates. Timing depends on the machine, so the test repeats the signal.
        let status = wait_until("it to end", || {
            if process.ended().is_none() {
                process.signal(second);
            }
            process.ended().ok_or_else(|| process.log_tail())
        });
        assert_eq!(status.code(), Some(exit_code), "{first}, {second}: {status}");
    }
}

/// The last values arrive, although the next push is far away.
#[test]
fn the_quickstart_delivers_its_last_metrics() {
    for (signal, _) in SIGNALS {
        let sink = Sink::http(None, &[]);
        let endpoint = format!("http://127.0.0.1:{}", sink.port());
        let mut quickstart = Quickstart::start(
            &["--no-traffic"],
            &[
                ("OTEL_METRICS_EXPORTER", "prometheus,otlp"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
                ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
            ],
        );
        assert_eq!(quickstart.get("/cities"), 200);
        quickstart.process().signal(signal);
        let (status, log) = quickstart.wait();
        assert!(status.success(), "SIG{signal}: {status}\n{log}");
        // `next` panics if nothing more arrives.
        while sink.next().sum("phoenix.quickstart.requests") != Some(1) {}
    }
}
