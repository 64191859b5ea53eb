//! Receivers that fail, and a telemetry that pushes to one.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use phoenix_otel::opentelemetry::metrics::MeterProvider as _;
use phoenix_otel::{Builder, Telemetry};

/// Both transports of OTLP.
pub const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

/// How a receiver fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    /// It refuses connections.
    Refuses,
    /// It accepts connections and never responds.
    Hangs,
}

/// Both failures.
pub const FAILURES: [Failure; 2] = [Failure::Refuses, Failure::Hangs];

/// A receiver that fails, until this is dropped.
#[derive(Debug)]
pub struct ReceiverDown {
    held: TcpListener,
    host: &'static str,
}

impl ReceiverDown {
    /// Starts a receiver with this failure.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn new(failure: Failure) -> Self {
        let held = TcpListener::bind("127.0.0.1:0").expect("a free port");
        // The listener holds the port on one loopback address, so no other test takes it. To refuse connections, the test uses another loopback
        // address. To hang, it uses the held one: the system completes the connections, but nobody accepts them.
        let host = if failure == Failure::Refuses { "127.0.0.9" } else { "127.0.0.1" };
        Self { held, host }
    }

    /// Returns its address.
    ///
    /// # Panics
    ///
    /// If the system does not know the address.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.held.local_addr().expect("a bound address").port())
    }
}

/// Returns a builder whose only exporter pushes to this address, without a subscriber.
pub fn pushing(protocol: &str, address: &str) -> Builder {
    phoenix_otel::builder("test").without_subscriber().environment([
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{address}")),
    ])
}

/// Adds to a counter of this telemetry, even if another one is global.
pub fn count(telemetry: &Telemetry, by: u64) {
    telemetry.meter_provider().meter("test").u64_counter("counted").build().add(by, &[]);
}

/// Runs an operation that must end within its timeout, with 5 seconds of tolerance for a busy machine. An operation that ignores the
/// timeout would take the 10 seconds of an export.
///
/// # Panics
///
/// If it takes longer.
#[track_caller]
pub fn within_timeout<T>(deadline: Duration, what: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = what();
    let took = begun.elapsed();
    assert!(took < deadline + Duration::from_secs(5), "it took {took:?}, with a timeout of {deadline:?}");
    done
}

/// Runs an operation that must not wait, so it ends before a timeout that it could have waited for.
///
/// # Panics
///
/// If it takes as long as the timeout.
#[track_caller]
pub fn without_waiting<T>(deadline: Duration, what: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = what();
    let took = begun.elapsed();
    assert!(took < deadline, "it took {took:?}, so it waited for the timeout of {deadline:?}");
    done
}
