//! The push at the start: with cumulative temporality the zeros arrive before the first increments, and a receiver that is down delays nothing.

use std::time::Duration;

use phoenix_otel::{ErrorType, Label, Otlp, TemporalityPreference, instrument_metrics, metrics};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::receiver_down::{
    FAILURES, Failure, PROTOCOLS, ReceiverDown, pushing, within_timeout, without_waiting,
};
use phoenix_otel_tests::wait_until;

#[derive(Clone, Copy, Label)]
enum Kind {
    New,
    Changed,
}

metrics! {
    /// Rows that were imported.
    static ROWS: Counter { kind: Kind } = "start.rows" { unit: "{row}" };
    /// Runs.
    static RUNS: Counter = "start.runs" { unit: "{run}" };
}

#[derive(Debug, ErrorType)]
enum ImportError {
    Broken,
}

#[instrument_metrics(name = "start_import")]
fn import(broken: bool) -> Result<(), ImportError> {
    ROWS.add(2, ROWS { kind: Kind::New });
    ROWS.add(1, ROWS { kind: Kind::Changed });
    RUNS.add(1, ());
    if broken { Err(ImportError::Broken) } else { Ok(()) }
}

fn sink(protocol: &str) -> Sink {
    if protocol == "grpc" { Sink::grpc(None, &[]) } else { Sink::http(None, &[]) }
}

/// The interval is a minute, so each push is that of the start, of a flush, or of the shutdown.
#[test]
fn the_zeros_arrive_before_the_first_increments() {
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        let sink = sink(protocol);
        let telemetry = pushing(protocol, &format!("127.0.0.1:{}", sink.port())).init().unwrap();
        // Count immediately: the first push does not contain this value, however late it is.
        import(true).unwrap_err();
        let first = sink.next_initial();
        for name in ["start.rows", "start.runs", "phoenix.test.requests", "phoenix.test.errors"] {
            assert_eq!(first.sum(name), Some(0), "{protocol}: {name}");
        }
        telemetry.shutdown().into_result().unwrap();
        let last = sink.next();
        assert_eq!((last.sum("start.rows"), last.sum("start.runs")), (Some(3), Some(1)), "{protocol}");
        assert_eq!(last.sum("phoenix.test.errors"), Some(1), "{protocol}");
        assert_eq!((sink.count_initial(), sink.count()), (0, 0), "{protocol}: one push at the start, one at the end");
    }
}

/// A job that ends before its first push still sends both.
#[test]
fn an_immediate_shutdown_still_pushes_the_zeros() {
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        let sink = sink(protocol);
        let telemetry = pushing(protocol, &format!("127.0.0.1:{}", sink.port())).init().unwrap();
        import(false).unwrap();
        drop(telemetry);
        assert_eq!(
            (sink.next_initial().sum("start.rows"), sink.next().sum("start.rows")),
            (Some(0), Some(3)),
            "{protocol}"
        );
    }
}

/// Deltas have no zeros, so there is no push at the start.
#[test]
fn deltas_are_not_pushed_at_the_start() {
    phoenix_otel_tests::isolated!();
    for temporality in [TemporalityPreference::Delta, TemporalityPreference::LowMemory] {
        let sink = Sink::http(None, &[]);
        let builder = pushing("http/protobuf", &format!("127.0.0.1:{}", sink.port()));
        let telemetry = builder.exporter(Otlp::new().temporality(temporality)).init().unwrap();
        import(false).unwrap();
        telemetry.shutdown().into_result().unwrap();
        assert_eq!(sink.next().sum("start.rows"), Some(3), "{temporality:?}");
        assert_eq!((sink.count_initial(), sink.count()), (0, 0), "{temporality:?}");
    }
}

/// The interval is a day, so a further push is a retry of the first one.
#[test]
fn a_receiver_that_starts_later_gets_the_zeros() {
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        let dead = ReceiverDown::new(Failure::Refuses);
        let builder = pushing(protocol, &dead.address()).interval(Duration::from_secs(24 * 60 * 60));
        let telemetry = builder.export_timeout(Duration::from_secs(1)).init().unwrap();
        wait_until("a push that failed", || {
            let health = telemetry.health().to_string();
            if health.contains("otlp: failing") { Ok(()) } else { Err(health) }
        });
        let sink = Sink::at(&dead.address(), protocol);
        assert_eq!(sink.next_initial().sum("start.rows"), Some(0), "{protocol}");
        import(false).unwrap();
        telemetry.shutdown().into_result().unwrap();
        assert_eq!(sink.next().sum("start.rows"), Some(3), "{protocol}");
    }
}

#[test]
fn a_receiver_that_is_down_delays_nothing() {
    phoenix_otel_tests::isolated!();
    let timeout = Duration::from_secs(60);
    for protocol in PROTOCOLS {
        for failure in FAILURES {
            let dead = ReceiverDown::new(failure);
            let builder = pushing(protocol, &dead.address()).export_timeout(timeout);
            let builder = builder.exporter(Otlp::new().timeout(timeout)).shutdown_timeout(Duration::from_secs(2));
            let telemetry = without_waiting(timeout, || builder.init().unwrap());
            import(false).unwrap();
            let delivery = within_timeout(Duration::from_secs(2), || telemetry.shutdown());
            let lost: Vec<_> = delivery.undelivered().collect();
            assert!(
                lost.len() == 1 && lost[0].points.is_some_and(|points| points > 0),
                "{protocol}, {failure:?}: {delivery}"
            );
        }
    }
}
