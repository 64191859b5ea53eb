//! The push by OTLP, over HTTP/protobuf or gRPC, and its encoder.
//!
//! A request is encoded once, whatever carries it and however often it is sent. What may pass is sent again until the timeout, which holds
//! over all attempts together.

pub(super) mod encode;
#[cfg(feature = "otlp-grpc")]
mod grpc;
#[cfg(feature = "otlp-http")]
mod http;
mod partial;
mod provider;
mod push;
mod retry;
mod secrets;
mod sender;
#[cfg(feature = "tracing")]
mod spans;
#[cfg(feature = "tls-no-provider")]
#[cfg_attr(
    not(all(feature = "otlp-http", feature = "otlp-grpc")),
    expect(
        dead_code,
        reason = "one transport takes the files decoded, the other as text; both are checked either way"
    )
)]
mod tls;
mod wrong_port;

#[cfg(feature = "tracing")]
pub(crate) use provider::prepare_spans;

/// What headers that a transport refuses are said to come from: those that code gives have been checked.
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
const HEADERS: crate::config::Setting = crate::config::Setting::variable("OTEL_EXPORTER_OTLP_HEADERS");
/// Who sends, as the specification's page "OpenTelemetry Protocol Exporter" has it.
const USER_AGENT: &str = concat!("OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"), " phoenix-otel");

fn is_https(config: &crate::config::Otlp) -> bool {
    config.endpoint.as_str().starts_with("https://")
}

/// An error with all that it comes from, each once: hyper's own text says no more than "client error (Connect)".
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
