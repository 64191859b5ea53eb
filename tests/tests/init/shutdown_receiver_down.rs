//! A shutdown with a receiver that is down returns within its timeout, wherever it is called, and reports the loss.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use phoenix_otel::{Delivery, Telemetry};
use phoenix_otel_tests::receiver_down::{
    FAILURES, Failure, PROTOCOLS, ReceiverDown, count, pushing, within_timeout, without_waiting,
};
use tokio::runtime::{Builder, Runtime};

const DEADLINE: Duration = Duration::from_secs(4);

/// Runs a test for each protocol and each failure, in parallel, since they mostly wait.
fn each(check: impl Fn(&str, Failure) + Sync) {
    thread::scope(|scope| {
        for protocol in PROTOCOLS {
            for failure in FAILURES {
                let check = &check;
                scope.spawn(move || check(protocol, failure));
            }
        }
    });
}

fn start(protocol: &str, dead: &ReceiverDown) -> Telemetry {
    let telemetry = pushing(protocol, &dead.address()).shutdown_timeout(DEADLINE).init().unwrap();
    count(&telemetry, 7);
    telemetry
}

#[track_caller]
fn tells(delivery: Delivery, dead: &ReceiverDown) {
    let lost: Vec<_> = delivery.undelivered().collect();
    assert_eq!((lost.len(), delivery.is_complete()), (1, false), "{delivery}");
    assert_eq!(lost[0].exporter, "otlp");
    assert!(lost[0].points.is_some_and(|points| points > 0), "{delivery}");
    assert!(lost[0].reason.contains(&dead.address()), "{delivery}");
    // The strict form.
    let error = delivery.clone().into_result().expect_err("nothing was delivered");
    assert_eq!(error.to_string(), delivery.to_string());
    assert!(error.exporters().eq(delivery.undelivered()), "{error}");
}

/// Shuts down a telemetry that was set up in the same place.
fn shut_down(protocol: &str, failure: Failure) {
    let dead = ReceiverDown::new(failure);
    let telemetry = start(protocol, &dead);
    tells(within_timeout(DEADLINE, || telemetry.shutdown()), &dead);
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[test]
fn without_a_runtime() {
    phoenix_otel_tests::isolated!();
    each(shut_down);
}

#[test]
fn in_an_async_main() {
    phoenix_otel_tests::isolated!();
    each(|protocol, failure| current_thread().block_on(async { shut_down(protocol, failure) }));
    each(|protocol, failure| multi_thread().block_on(async { shut_down(protocol, failure) }));
}

#[test]
fn in_an_async_task() {
    phoenix_otel_tests::isolated!();
    for runtime in [current_thread, multi_thread] {
        each(|protocol, failure| {
            let protocol = protocol.to_owned();
            runtime().block_on(async { tokio::spawn(async move { shut_down(&protocol, failure) }).await.unwrap() });
        });
    }
}

#[test]
fn in_spawn_blocking() {
    phoenix_otel_tests::isolated!();
    for runtime in [current_thread, multi_thread] {
        each(|protocol, failure| {
            let protocol = protocol.to_owned();
            runtime()
                .block_on(async { tokio::task::spawn_blocking(move || shut_down(&protocol, failure)).await.unwrap() });
        });
    }
}

/// A telemetry that outlives its runtime.
#[test]
fn after_the_runtime() {
    phoenix_otel_tests::isolated!();
    each(|protocol, failure| {
        let dead = ReceiverDown::new(failure);
        let telemetry = multi_thread().block_on(async { start(protocol, &dead) });
        tells(within_timeout(DEADLINE, || telemetry.shutdown()), &dead);
    });
}

#[test]
fn by_drop() {
    phoenix_otel_tests::isolated!();
    each(|protocol, failure| {
        let dead = ReceiverDown::new(failure);
        let telemetry = start(protocol, &dead);
        within_timeout(DEADLINE, || drop(telemetry));
        current_thread().block_on(async {
            let telemetry = start(protocol, &dead);
            within_timeout(DEADLINE, || drop(telemetry));
        });
    });
}

#[test]
fn by_a_panic() {
    phoenix_otel_tests::isolated!();
    each(|protocol, failure| {
        let dead = ReceiverDown::new(failure);
        let panic = within_timeout(DEADLINE, || {
            catch_unwind(AssertUnwindSafe(|| {
                let _telemetry = start(protocol, &dead);
                std::panic::panic_any("a bug of the service");
            }))
        });
        assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"a bug of the service"));
    });
}

#[test]
fn a_second_shutdown_returns_the_same_at_once() {
    phoenix_otel_tests::isolated!();
    each(|protocol, failure| {
        let dead = ReceiverDown::new(failure);
        let telemetry = start(protocol, &dead);
        let (first, second) = within_timeout(DEADLINE, || {
            thread::scope(|scope| {
                let other = scope.spawn(|| telemetry.shutdown());
                (telemetry.shutdown(), other.join().unwrap())
            })
        });
        assert_eq!(first, second);
        assert_eq!(without_waiting(DEADLINE, || telemetry.shutdown()), first);
        assert_eq!(without_waiting(DEADLINE, || telemetry.force_flush()), first);
        tells(first, &dead);
    });
}

#[test]
fn a_flush_ends_within_the_export_timeout() {
    phoenix_otel_tests::isolated!();
    each(|protocol, failure| {
        let dead = ReceiverDown::new(failure);
        let builder =
            pushing(protocol, &dead.address()).export_timeout(Duration::from_secs(1)).shutdown_timeout(DEADLINE);
        let telemetry = builder.init().unwrap();
        count(&telemetry, 7);
        tells(within_timeout(Duration::from_secs(1), || telemetry.force_flush()), &dead);
        // The shutdown exports again what the flush did not deliver, and reports it again.
        tells(within_timeout(DEADLINE, || telemetry.shutdown()), &dead);
    });
}

#[test]
fn beside_other_exporters() {
    phoenix_otel_tests::isolated!();
    each(|protocol, failure| {
        let dead = ReceiverDown::new(failure);
        let builder = pushing(protocol, &dead.address());
        let builder = builder
            .exporter("otlp")
            .exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0))
            .exporter("console");
        let telemetry = builder.shutdown_timeout(DEADLINE).init().unwrap();
        count(&telemetry, 7);
        let port = telemetry.scrape_address().unwrap();
        let url = format!("http://{port}/metrics");
        assert!(phoenix_otel_tests::http::get(&url, &[]).unwrap().body.contains("counted_total"));
        tells(within_timeout(DEADLINE, || telemetry.shutdown()), &dead);
        drop(std::net::TcpListener::bind(port).expect("the port is free again"));
    });
}
