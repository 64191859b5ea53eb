//! The OTLP exporter, over HTTP/protobuf or gRPC, and its encoder.
//!
//! A request is encoded once, for any transport and for all attempts. Transient failures are retried until the timeout, which covers all
//! attempts together.

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
#[cfg_attr(not(feature = "otlp-grpc"), expect(dead_code, reason = "only gRPC uses the text of the client certificate"))]
mod tls;
mod wrong_protocol;

#[cfg(feature = "tracing")]
pub(crate) use provider::prepare_spans;

/// The setting that an error names if a transport rejects headers. Headers from code have already been checked.
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
const HEADERS: crate::config::Setting = crate::config::Setting::variable("OTEL_EXPORTER_OTLP_HEADERS");
/// The user agent, as the specification's page "OpenTelemetry Protocol Exporter" requires.
const USER_AGENT: &str = concat!("OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"), " phoenix-otel");

fn is_https(config: &crate::config::Otlp) -> bool {
    config.endpoint.as_str().starts_with("https://")
}

/// An error with all its sources, without repetitions. The text of hyper's outer error is only "client error (Connect)". The texts may contain
/// text of the receiver.
fn chain(error: &(dyn std::error::Error + 'static), secrets: &secrets::Secrets) -> String {
    let mut text = String::new();
    for error in wrong_protocol::sources(error) {
        let own = secrets.hide(&error.to_string());
        if !text.contains(&own) {
            let colon = if text.is_empty() { "" } else { ": " };
            text = format!("{text}{colon}{own}");
        }
    }
    text
}
