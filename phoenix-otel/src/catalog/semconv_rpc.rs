//! The metrics of the OpenTelemetry semantic conventions for remote calls (version 1.45), under the conventions' own names.
//!
//! A layer records them: [`with_semantic_conventions`](crate::layer::MetricsLayer::with_semantic_conventions) for a server,
//! [`grpc::client::MetricsLayer`](crate::grpc::client::MetricsLayer) for a client. An attribute that the conventions leave out where it is not known is
//! empty here, which Prometheus holds to be the same.

/// How calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, phoenix_otel_macros::Label)]
pub enum System {
    /// By gRPC.
    Grpc,
}

phoenix_otel_macros::metrics! {
    /// Time from the arrival of a call to the end of its answer.
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

    /// Time from the start of a call to the end of its answer.
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
