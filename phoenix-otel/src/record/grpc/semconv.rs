//! The metrics of the OpenTelemetry semantic conventions for RPC, in addition to those of the edge.

use super::status::FAULTS;
use crate::catalog::semconv_rpc::{RPC_SERVER_CALL_DURATION, System};
use crate::record::edge::{self, EndedRequest};

/// Records a call at its end.
pub(super) fn record(end: &EndedRequest<'_>, method: &str) {
    let (status_code, error_type) = match end.status {
        // gRPC's name for it. The server is not at fault.
        edge::CANCELLED => ("CANCELLED", ""),
        // A panic has no status.
        edge::PANIC => ("", edge::PANIC),
        status => (status, if FAULTS.contains(&status) { status } else { "" }),
    };
    let system = System::Grpc;
    RPC_SERVER_CALL_DURATION.record(end.seconds, RPC_SERVER_CALL_DURATION { system, method, status_code, error_type });
}
