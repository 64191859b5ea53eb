//! The exporter of `examples/own-exporter` through the public API, with receivers that fail. `collector/configured/influx.rs` tests it with a real
//! one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use example_own_exporter::{InfluxExporter, provider, receiver};
use phoenix_otel::{Builder, PushExporter, Telemetry, Undelivered};
use phoenix_otel_tests::receiver_down::{FAILURES, ReceiverDown, count, within_timeout};
use phoenix_otel_tests::wait_until;

fn exporter(url: &str, timeout: Duration) -> PushExporter {
    let exporter = InfluxExporter::new(url, Some("s3cret"), timeout / 2).expect("a valid URL");
    // The interval is longer than any test, so only flushes and the shutdown export.
    PushExporter::new(exporter).interval(Duration::from_secs(3600)).export_timeout(timeout)
}

fn builder() -> Builder {
    phoenix_otel::builder("test").without_subscriber().without_exporter()
}

/// Flushes, and returns the only exporter that failed.
#[track_caller]
fn lost(telemetry: &Telemetry) -> Undelivered {
    let error = telemetry.force_flush().into_result().expect_err("a receiver fails");
    let lost: Vec<Undelivered> = error.exporters().cloned().collect();
    assert_eq!(lost.len(), 1, "{error}");
    lost[0].clone()
}

/// A receiver that accepts everything, and a channel with the lines of the counter.
fn healthy() -> (String, Receiver<String>) {
    let (got, counted) = channel();
    let url = receiver::start(move |_, body| {
        body.lines()
            .filter(|line| line.starts_with("counted,"))
            .for_each(|line| got.send(line.to_owned()).unwrap_or(()));
        receiver::response("204 No Content", "")
    });
    (url.expect("a free port"), counted)
}

#[test]
fn a_failing_receiver_is_named_and_recovers() {
    phoenix_otel_tests::isolated!();
    let broken = Arc::new(AtomicBool::new(true));
    let url = receiver::start({
        let broken = broken.clone();
        move |_, _| match broken.load(Ordering::Relaxed) {
            true => receiver::response("500 Internal Server Error", "the disk is full"),
            false => receiver::response("204 No Content", ""),
        }
    });
    let url = url.expect("a free port");
    let (other, counted) = healthy();
    let long = Duration::from_secs(20);
    let builder =
        builder().push_exporter("influx", exporter(&url, long)).push_exporter("other", exporter(&other, long));
    let telemetry = builder.init().expect("init succeeds");

    count(&telemetry, 1);
    let influx = lost(&telemetry);
    assert_eq!(influx.exporter, "influx");
    assert_eq!(influx.reason, format!("{url}: status 500 Internal Server Error: the disk is full"));
    let health = telemetry.health().to_string();
    assert!(health.contains("other: ok") && !health.contains("influx: ok"), "{health}");
    assert!(health.contains("the disk is full") && !health.contains("s3cret"), "{health}");

    // The next export has the cumulative value.
    broken.store(false, Ordering::Relaxed);
    count(&telemetry, 1);
    telemetry.force_flush().into_result().expect("both receivers accept the push");
    assert!(telemetry.health().to_string().contains("influx: ok"), "{}", telemetry.health());
    wait_until("the total at the other receiver", || {
        let line = counted.try_recv().map_err(|e| e.to_string())?;
        if line.contains(" counter=2i ") { Ok(()) } else { Err(line) }
    });
    telemetry.shutdown().into_result().expect("both receivers accept the push");
}

#[test]
fn a_receiver_that_is_down_is_named_and_delays_no_other() {
    phoenix_otel_tests::isolated!();
    for failure in FAILURES {
        let dead = ReceiverDown::new(failure);
        let url = format!("http://{}/write", dead.address());
        let (other, counted) = healthy();
        let timeout = Duration::from_secs(2);
        let builder = builder().push_exporter("influx", exporter(&url, timeout));
        let builder = builder.push_exporter("other", exporter(&other, Duration::from_secs(20)));
        let telemetry = builder.shutdown_timeout(timeout).init().expect("init succeeds");
        count(&telemetry, 3);
        wait_until("the export at the start to end", || {
            let health = telemetry.health().to_string();
            if health.contains("influx: failing") { Ok(()) } else { Err(health) }
        });
        let influx = within_timeout(2 * timeout, || lost(&telemetry));
        assert!(influx.exporter == "influx" && influx.reason.starts_with(&url), "{failure:?}: {influx}");
        wait_until(&format!("{failure:?}: the other receiver to get it"), || {
            counted.try_recv().map_err(|e| e.to_string())
        });
        let error = within_timeout(timeout, || telemetry.shutdown()).into_result().expect_err("one receiver is dead");
        assert!(error.exporters().all(|lost| lost.exporter == "influx"), "{failure:?}: {error}");
    }
}

#[test]
fn the_provider_reads_its_variables() {
    phoenix_otel_tests::isolated!();
    let builder = |variables: &[(&str, &str)]| {
        let chosen = [("OTEL_METRICS_EXPORTER", "influx")].into_iter().chain(variables.iter().copied());
        phoenix_otel::builder("test").without_subscriber().environment(chosen).exporter_provider("influx", provider)
    };
    // A deployment without the URL is reported, and the service runs.
    let telemetry = builder(&[]).init().expect("init succeeds");
    let health = telemetry.health().to_string();
    assert!(health.starts_with("influx: failing: ") && health.contains("INFLUX_URL is not set"), "{health}");
    let wrong = builder(&[("INFLUX_URL", "ftp://u:pa55@host")]).strict();
    let error = wrong.init().expect_err("there is no such URL").to_string();
    assert!(error.contains("http://127.0.0.1:8086/write") && !error.contains("pa55"), "{error}");

    let (url, counted) = healthy();
    let telemetry = builder(&[("INFLUX_URL", &url)]).init().expect("init succeeds");
    count(&telemetry, 5);
    telemetry.shutdown().into_result().expect("it is delivered");
    let lines: Vec<String> = counted.try_iter().collect();
    assert!(lines.iter().any(|line| line.contains(" counter=5i ")), "{lines:?}");
}
