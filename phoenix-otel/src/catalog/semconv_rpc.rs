//! The metrics of the OpenTelemetry semantic conventions for RPC (version 1.45), with the names of the conventions.
//!
//! A server layer records them with [`with_semantic_conventions`](crate::layer::MetricsLayer::with_semantic_conventions), a client layer
//! ([`grpc::client::MetricsLayer`](crate::grpc::client::MetricsLayer)) always. Where the conventions omit an unknown attribute, the label
//! here is empty, which is the same in Prometheus.

/// The RPC system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, phoenix_otel_macros::Label)]
pub enum System {
    /// gRPC.
    Grpc,
}

phoenix_otel_macros::metrics! {
    /// Time from the arrival of a call to the end of its response.
    pub static RPC_SERVER_CALL_DURATION: Histogram {
        #[label("rpc.system.name")]
        system: System,
        #[label("rpc.method")]
        method: &str,
        #[label("rpc.status_code")]
        status_code: &str,
        #[label("error.type")]
        error_type: &str,
    } = "rpc.server.call.duration" { unit: "s", bounds: DURATIONS };

    /// Time from the start of a call to the end of its response.
    pub static RPC_CLIENT_CALL_DURATION: Histogram {
        #[label("rpc.system.name")]
        system: System,
        #[label("rpc.method")]
        method: &str,
        #[label("rpc.status_code")]
        status_code: &str,
        #[label("error.type")]
        error_type: &str,
        #[label("server.address")]
        address: &str,
        #[label("server.port")]
        port: &str,
    } = "rpc.client.call.duration" { unit: "s", bounds: DURATIONS };
}

/// The conventions' bounds.
const DURATIONS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
