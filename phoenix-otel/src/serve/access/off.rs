//! Stub without TLS and authentication.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::head::RequestHead;
use super::socket::Socket;
use crate::config::{Problems, WebSource};
use crate::export::plugin::ExportFailure;

/// Never constructed.
#[derive(Debug)]
pub(crate) struct Access(Infallible);

/// What a request may do.
#[allow(dead_code, reason = "never constructed")]
pub(crate) enum Admission {
    Full(Headers),
    OnlyHealth(Response<Full<Bytes>>),
    Refused(Response<Full<Bytes>>),
}

/// Headers of each response.
pub(crate) type Headers = Vec<(&'static str, String)>;

impl Access {
    pub(crate) fn open(_: WebSource) -> Result<Option<Arc<Self>>, Problems> {
        Ok(None)
    }

    pub(crate) fn failure(&self) -> watch::Receiver<Option<ExportFailure>> {
        match self.0 {}
    }

    pub(crate) fn empty_file(&self) -> Option<String> {
        match self.0 {}
    }

    pub(crate) fn knows_clients(&self) -> bool {
        match self.0 {}
    }

    #[allow(clippy::unused_async, reason = "the other one waits")]
    pub(super) async fn admit(self: &Arc<Self>, _: &RequestHead) -> Admission {
        match self.0 {}
    }

    #[allow(clippy::unused_async, reason = "the other one waits")]
    pub(super) async fn accept(self: &Arc<Self>, _: TcpStream) -> io::Result<Socket> {
        match self.0 {}
    }
}
