//! The metrics of the OpenTelemetry semantic conventions for RPC, beside the edge's own.

use super::status::FAULTS;
use crate::catalog::semconv_rpc::{RPC_SERVER_CALL_DURATION, System};
use crate::record::edge::{self, Beside, End};

/// A call as the conventions describe it.
#[derive(Default)]
pub(super) struct Conventions {
    method: String,
}

impl Conventions {
    pub(super) fn method(&mut self, method: &str) {
        method.clone_into(&mut self.method);
    }
}

impl Beside for Conventions {
    fn ended(&mut self, end: &End<'_>) {
        let (status_code, error_type) = match end.status {
            // The name that gRPC has for it; the server is not at fault.
            edge::CANCELLED => ("CANCELLED", ""),
            // There was no status.
            edge::PANIC => ("", edge::PANIC),
            status => (status, if FAULTS.contains(&status) { status } else { "" }),
        };
        let (system, method) = (System::Grpc, &*self.method);
        RPC_SERVER_CALL_DURATION
            .record(end.seconds, RPC_SERVER_CALL_DURATION { system, method, status_code, error_type });
    }
}
