//! Sends the encoded requests of one signal to one receiver.

#[cfg(feature = "otlp-grpc")]
use super::grpc::Grpc;
#[cfg(feature = "otlp-http")]
use super::http::Http;
use super::partial::{ExportResponse, PartialSuccess};
use super::retry::{Attempts, Failure};
use super::secrets::Secrets;
use crate::config::{Otlp, Problem, Problems, Protocol, Setting, Signal};
use crate::export::rejected::{ExportResult, Rejected};
use crate::export::suppress::Suppressed;
use crate::lock::lock;
use bytes::Bytes;
use opentelemetry_sdk::error::OTelSdkError;
use std::sync::Mutex;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

/// Sends to one receiver. Its errors contain the endpoint and the reason.
#[derive(Debug)]
pub(super) struct Sender {
    transport: Transport,
    /// Without the query, which may contain a key.
    endpoint: String,
    timeout: Duration,
    /// Masked in the error of an attempt.
    secrets: Secrets,
    /// Why the last attempt of the current request failed.
    last_error: Mutex<Option<String>>,
    partial: PartialSuccess,
}

#[derive(Debug)]
enum Transport {
    #[cfg(feature = "otlp-http")]
    Http(Box<Http>),
    #[cfg(feature = "otlp-grpc")]
    Grpc(Box<Grpc>),
}

impl Transport {
    fn new(config: &Otlp, signal: Signal) -> Result<Self, Problems> {
        match config.protocol {
            #[cfg(feature = "otlp-grpc")]
            Protocol::Grpc => Ok(Self::Grpc(Box::new(Grpc::new(config, signal)?))),
            #[cfg(feature = "otlp-http")]
            Protocol::HttpProtobuf => Ok(Self::Http(Box::new(Http::new(config, signal)?))),
            #[allow(unreachable_patterns, reason = "with both transports compiled in, all protocols are covered")]
            other => Err(Problem::new(
                &Setting::builder("builder: otlp_protocol"),
                format!("{other:?}"),
                "a protocol that is compiled in",
            ))?,
        }
    }

    /// The encoded and compressed body. It is created once for all attempts.
    fn prepare(&self, request: Vec<u8>) -> Bytes {
        match self {
            #[cfg(feature = "otlp-http")]
            Self::Http(http) => http.prepare(request),
            // tonic compresses the request itself.
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc(_) => request.into(),
        }
    }

    /// One attempt. `secrets` are masked in the receiver's texts, which are truncated.
    async fn send(&self, request: Bytes, secrets: &Secrets) -> Result<ExportResponse, Failure> {
        match self {
            #[cfg(feature = "otlp-http")]
            Self::Http(http) => http.send(request, secrets).await,
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc(grpc) => grpc.send(request, secrets).await,
        }
    }
}

impl Sender {
    pub(super) fn new(config: &Otlp, signal: Signal, handle: &Handle) -> Result<Self, Problems> {
        let _runtime = handle.enter();
        Ok(Self {
            transport: Transport::new(config, signal)?,
            endpoint: config.endpoint.to_string(),
            timeout: config.timeout,
            secrets: Secrets::of(config),
            last_error: Mutex::default(),
            partial: PartialSuccess::new(signal),
        })
    }

    /// Sends a request of `count` items.
    pub(super) async fn send(&self, request: Vec<u8>, count: usize) -> ExportResult {
        self.note(None);
        let until = Instant::now() + self.timeout;
        let sent = match timeout_at(until, Suppressed::new(self.attempts(request, until))).await {
            Ok(sent) => sent,
            // The last failure until then is available as `last_error`.
            Err(_) => return Err(OTelSdkError::Timeout(self.timeout)),
        };
        let taken = sent.and_then(|answer| {
            let answer = ExportResponse { message: self.secrets.hide(&answer.message), ..answer };
            self.partial.check(&answer, count)
        });
        let from = |reason| format!("{}: {reason}", self.endpoint);
        match taken {
            Ok(rejected) => Ok(rejected.map(|rejected| Rejected { reason: from(rejected.reason), ..rejected })),
            Err(reason) => Err(OTelSdkError::InternalFailure(from(reason))),
        }
    }

    async fn attempts(&self, request: Vec<u8>, until: Instant) -> Result<ExportResponse, String> {
        let request = self.transport.prepare(request);
        let mut attempts = Attempts::new(until);
        loop {
            match self.transport.send(request.clone(), &self.secrets).await {
                Ok(answer) => return Ok(answer),
                Err(Failure { reason, retry }) => {
                    let failure = Failure { reason: self.secrets.mask(&reason), retry };
                    self.note(Some(failure.reason.clone()));
                    attempts.after(failure).await?;
                }
            }
        }
    }

    /// The endpoint of the current request, and the reason why its last attempt failed.
    pub(super) fn last_error(&self) -> String {
        match &*lock(&self.last_error) {
            Some(last_error) => format!("{}: {last_error}", self.endpoint),
            None => self.endpoint.clone(),
        }
    }

    fn note(&self, last_error: Option<String>) {
        *lock(&self.last_error) = last_error;
    }
}
