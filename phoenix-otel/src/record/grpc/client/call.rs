//! One call of a client and its answer.

use std::sync::Arc;
use std::time::Instant;

use http::Request;
use http::uri::PathAndQuery;
use tonic::{Code, GrpcMethod};

use super::layer::Settings;
use crate::catalog::semconv_rpc::{RPC_CLIENT_CALL_DURATION, System};
use crate::record::edge;
use crate::record::grpc::answer::Answer;
use crate::record::grpc::{methods, status};

/// A call that is under way. It is recorded when it is dropped, under what is known of it then.
pub(super) struct Call {
    settings: Arc<Settings>,
    /// `None` where it names no method that is known.
    path: Option<PathAndQuery>,
    start: Instant,
    status_code: &'static str,
    error_type: &'static str,
}

impl Call {
    pub(super) fn start<B>(request: &Request<B>, settings: &Arc<Settings>) -> Self {
        let is_generated = request.extensions().get::<GrpcMethod<'static>>().is_some();
        let is_known = |path: &&PathAndQuery| {
            is_generated || methods::of_path(path.path()).is_some_and(|method| settings.methods.has(method))
        };
        let cancelled = status::name(Code::Cancelled);
        Self {
            settings: settings.clone(),
            path: request.uri().path_and_query().filter(is_known).cloned(),
            start: Instant::now(),
            status_code: cancelled,
            error_type: cancelled,
        }
    }
}

impl Answer for Call {
    fn watch<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        let before = (self.status_code, self.error_type);
        (self.status_code, self.error_type) = ("", edge::PANIC);
        let returned = poll();
        (self.status_code, self.error_type) = before;
        returned
    }

    fn sent(&mut self, _: usize) {}

    fn ended(mut self, code: Code) {
        self.status_code = status::name(code);
        self.error_type = if code == Code::Ok { "" } else { self.status_code };
    }

    /// What has no status becomes this one for the caller.
    fn failed(self, code: Option<Code>) {
        self.ended(code.unwrap_or(Code::Unknown));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let method = self.path.as_ref().and_then(|path| methods::of_path(path.path())).unwrap_or(edge::OTHER);
        let (status_code, error_type) = (self.status_code, self.error_type);
        let Settings { address, port, .. } = &*self.settings;
        RPC_CLIENT_CALL_DURATION.record(
            self.start.elapsed().as_secs_f64(),
            RPC_CLIENT_CALL_DURATION { system: System::Grpc, method, status_code, error_type, address, port },
        );
    }
}
