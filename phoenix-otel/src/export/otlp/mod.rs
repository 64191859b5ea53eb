//! The push by OTLP, over HTTP/protobuf or gRPC, and its encoder.
//!
//! A request is encoded once, whatever carries it and however often it is sent. What may pass is sent again until the timeout, which holds
//! over all attempts together.

pub(super) mod encode;
#[cfg(feature = "otlp-grpc")]
mod grpc;
#[cfg(feature = "otlp-http")]
mod http;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod partial;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod push;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod retry;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod secrets;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod sender;
#[cfg(all(feature = "tracing", any(feature = "otlp-http", feature = "otlp-grpc")))]
mod spans;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
#[cfg_attr(
    not(all(feature = "otlp-http", feature = "otlp-grpc")),
    expect(
        dead_code,
        reason = "one transport takes the files decoded, the other as text; both are checked either way"
    )
)]
mod tls;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod wrong_port;

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
pub(crate) use push::{build, temporality};
#[cfg(all(feature = "tracing", any(feature = "otlp-http", feature = "otlp-grpc")))]
pub(crate) use spans::build_spans;

/// Who sends, as the specification's page "OpenTelemetry Protocol Exporter" has it.
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
const USER_AGENT: &str = concat!("OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"), " phoenix-otel");

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
fn is_https(config: &crate::config::Otlp) -> bool {
    config.endpoint.starts_with("https://")
}

/// An error with all that it comes from, each once: hyper's own text says no more than "client error (Connect)".
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    for error in wrong_port::sources(error) {
        let own = error.to_string();
        if !text.contains(&own) {
            let colon = if text.is_empty() { "" } else { ": " };
            text = format!("{text}{colon}{own}");
        }
    }
    text
}
