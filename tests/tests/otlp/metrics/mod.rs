//! Metrics over a real socket to an OTLP receiver: HTTP and gRPC, with and without TLS.

mod arrival;
mod failure;
mod forgotten;
mod partial;
mod proxy;
#[cfg(unix)]
mod socket;
mod tls;
mod wrong_protocol;

use opentelemetry::metrics::MeterProvider as _;
use phoenix_otel::opentelemetry_sdk::metrics::SdkMeterProvider;
use phoenix_otel::{DeliveryError, Telemetry, Undelivered};
use phoenix_otel_tests::otlp_sink::{Answer, Sink, Tls};
use std::time::Duration;

pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
pub(crate) const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

pub(crate) fn sink(protocol: &str, tls: Option<&Tls>, answers: &[Answer]) -> Sink {
    match protocol {
        "grpc" => Sink::grpc(tls, answers),
        _ => Sink::http(tls, answers),
    }
}

/// A telemetry that pushes, and its provider, from which a test creates instruments.
pub(crate) struct TestPush {
    pub(crate) provider: SdkMeterProvider,
    telemetry: Telemetry,
}

impl TestPush {
    /// Flushes.
    pub(crate) fn flush(&self) -> Result<(), Undelivered> {
        self.telemetry.force_flush().into_result().map_err(|error| first(&error))
    }

    /// Returns the line of the exporter in health, without its name.
    pub(crate) fn health(&self) -> String {
        self.telemetry.health().to_string().trim_end().trim_start_matches("otlp: ").to_owned()
    }

    /// Shuts down.
    pub(crate) fn shutdown(&self) -> Result<(), Undelivered> {
        self.telemetry.shutdown().into_result().map_err(|error| first(&error))
    }
}

fn first(error: &DeliveryError) -> Undelivered {
    error.exporters().next().expect("an error names an exporter").clone()
}

/// Starts a telemetry that pushes to a port, with one counter at 7.
pub(crate) fn start(protocol: &str, endpoint: &str, more: &[(&str, &str)]) -> TestPush {
    start_for(DEADLINE, protocol, endpoint, more)
}

/// The same with a shutdown timeout.
pub(crate) fn start_for(shutdown: Duration, protocol: &str, endpoint: &str, more: &[(&str, &str)]) -> TestPush {
    let variables = [
        &[
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_TRACES_EXPORTER", "none"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ],
        more,
    ];
    let builder =
        phoenix_otel::builder("test").without_subscriber().export_timeout(DEADLINE).shutdown_timeout(shutdown);
    let telemetry = builder.environment(variables.concat()).init().unwrap_or_else(|error| panic!("{error}"));
    let push = TestPush { provider: telemetry.meter_provider().clone(), telemetry };
    push.provider.meter("test").u64_counter("requests").build().add(7, &[]);
    push
}

pub(crate) fn plain(sink: &Sink) -> String {
    format!("http://127.0.0.1:{}", sink.port())
}
