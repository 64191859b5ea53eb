//! Collectors that are dead, and a telemetry that pushes to one.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use phoenix_otel::opentelemetry::metrics::MeterProvider as _;
use phoenix_otel::{Builder, Telemetry};

/// Both transports of OTLP.
pub const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

/// How a collector is dead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Death {
    /// Nobody listens.
    Refuses,
    /// It takes connections, and never says a word.
    Hangs,
}

/// Both ways.
pub const DEATHS: [Death; 2] = [Death::Refuses, Death::Hangs];

/// A dead collector, as long as this lives.
#[derive(Debug)]
pub struct Dead {
    held: TcpListener,
    host: &'static str,
}

impl Dead {
    /// A collector that died this way.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    pub fn of(death: Death) -> Self {
        let held = TcpListener::bind("127.0.0.1:0").expect("a free port");
        // The port is held on one loopback address, so that no other test can take it, and asked for on another. The system completes
        // connections to the one that is held, but nobody accepts them.
        let host = if death == Death::Refuses { "127.0.0.9" } else { "127.0.0.1" };
        Self { held, host }
    }

    /// Its address.
    ///
    /// # Panics
    ///
    /// When the system does not know it.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.held.local_addr().expect("a bound address").port())
    }
}

/// A telemetry that pushes to this address, and to nobody else. It sets no subscriber.
pub fn pushing(protocol: &str, address: &str) -> Builder {
    phoenix_otel::builder("test").without_subscriber().environment([
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{address}")),
    ])
}

/// Counts in this telemetry, whichever is the global one.
pub fn count(telemetry: &Telemetry, by: u64) {
    telemetry.meter_provider().meter("test").u64_counter("counted").build().add(by, &[]);
}

/// Runs something that has to end within a deadline. On a busy machine it ends later than on an idle one: by less than five seconds,
/// while what ignored the deadline would wait for the ten seconds that an export has of its own.
///
/// # Panics
///
/// When it takes longer.
#[track_caller]
pub fn within<T>(deadline: Duration, what: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = what();
    let took = begun.elapsed();
    assert!(took < deadline + Duration::from_secs(5), "it took {took:?} of {deadline:?}");
    done
}

/// Runs something that has nothing to wait for, and so ends before a deadline that it could have waited for.
///
/// # Panics
///
/// When it takes as long as that.
#[track_caller]
pub fn at_once<T>(deadline: Duration, what: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = what();
    let took = begun.elapsed();
    assert!(took < deadline, "it took {took:?}, as if it had waited for the deadline of {deadline:?}");
    done
}
