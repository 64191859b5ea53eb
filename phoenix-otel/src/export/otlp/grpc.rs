//! OTLP over gRPC, with tonic.

mod checked;
#[cfg_attr(not(feature = "tls-no-provider"), path = "grpc/secure/off.rs")]
mod secure;

use super::partial::ExportResponse;
use super::retry::{Failure, Retry};
use super::secrets::Secrets;
use super::{chain, is_https, wrong_protocol};
use crate::config::{Compression, Otlp, Problem, Problems, Signal};
use crate::export::suppress::Executor;
use crate::lock::lock;
use bytes::{BufMut as _, Bytes};
use checked::Checked;
use http::uri::PathAndQuery;
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message as _;
use std::error::Error as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::{RetryInfo, pb};

/// Calls one method of one receiver.
#[derive(Debug)]
pub(super) struct Grpc {
    endpoint: Endpoint,
    channel: Mutex<Channel>,
    /// Whether the channel's last call ended without a response. Its connection may be dead, so the next call gets a new channel.
    suspect: AtomicBool,
    method: PathAndQuery,
    metadata: MetadataMap,
    compression: Compression,
    /// Whether a gRPC server has ever responded.
    answered: AtomicBool,
}

impl Grpc {
    /// A channel that connects when it is first used, so the receiver need not be up yet.
    pub(super) fn new(config: &Otlp, signal: Signal) -> Result<Self, Problems> {
        let refused = |error: &dyn std::error::Error| {
            let allowed = format!("a usable endpoint; {error}");
            Problem::new(&config.endpoint_setting, config.endpoint.to_string(), allowed)
        };
        let mut endpoint = Endpoint::from_shared(config.endpoint.as_str().to_owned())
            .and_then(|endpoint| endpoint.user_agent(super::USER_AGENT))
            .map_err(|error| refused(&error))?
            .executor(Executor)
            .connect_timeout(config.timeout)
            // Pings detect a dead connection during a call while there is time for another attempt. Servers close connections with more than two
            // pings per response, or with pings between calls, so the client stays below both limits.
            .http2_keep_alive_interval(config.timeout / 2)
            .keep_alive_timeout(config.timeout / 4)
            .keep_alive_while_idle(false);
        if is_https(config) {
            endpoint = secure::secured(endpoint, config)?.map_err(|error| refused(&error))?;
        }
        let method = match signal {
            Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            #[cfg(feature = "tracing")]
            Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        };
        Ok(Self {
            channel: Mutex::new(connect(&endpoint)),
            suspect: AtomicBool::new(false),
            endpoint,
            method: PathAndQuery::from_static(method),
            metadata: metadata(config)?,
            compression: config.compression,
            answered: AtomicBool::new(false),
        })
    }

    /// One attempt.
    pub(super) async fn send(&self, body: Bytes, secrets: &Secrets) -> Result<ExportResponse, Failure> {
        let call = Call::new(self);
        let mut client = tonic::client::Grpc::new(Checked(self.channel()));
        if self.compression == Compression::Gzip {
            client = client.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
        }
        let mut request = Request::new(body);
        *request.metadata_mut() = self.metadata.clone();
        let answer = match client.ready().await {
            Ok(()) => client.unary(request, self.method.clone(), Encoded).await,
            Err(error) => Err(Status::from_error(Box::new(error))),
        };
        call.ended();
        match answer {
            Ok(answer) => {
                self.answered.store(true, Ordering::Relaxed);
                Ok(answer.into_inner().into())
            }
            Err(status) => {
                let has_answered = self.answered.load(Ordering::Relaxed);
                let mut failure = failure(&status, secrets, has_answered);
                let hung_up = status.source().is_some_and(wrong_protocol::is_hang_up);
                if hung_up && failure.retry == Retry::WithBackoff && !has_answered {
                    failure.reason = format!("{}; {}", failure.reason, wrong_protocol::MAY_BE_HTTP);
                }
                Err(failure)
            }
        }
    }
}

impl Grpc {
    /// The channel, or a new one after a call without a response. tonic would keep the connection, even if a proxy or a NAT has dropped it.
    fn channel(&self) -> Channel {
        let mut channel = lock(&self.channel);
        if self.suspect.swap(false, Ordering::Relaxed) {
            *channel = connect(&self.endpoint);
        }
        channel.clone()
    }
}

/// A channel that connects when it is first used. The connect timeout includes the TLS handshake. tonic's own connector limits only the TCP
/// connection, and a channel that is dropped during a handshake keeps its socket.
fn connect(endpoint: &Endpoint) -> Channel {
    if endpoint.uri().scheme_str() != Some("https") {
        return endpoint.connect_lazy();
    }
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    endpoint.connect_with_connector_lazy(tcp)
}

/// An RAII guard of a call that waits for its response. If it is dropped before the response arrives, as at the timeout of an export, the next
/// call gets a new channel.
struct Call<'g>(Option<&'g Grpc>);

impl<'g> Call<'g> {
    fn new(grpc: &'g Grpc) -> Self {
        Self(Some(grpc))
    }

    /// Records that a response arrived, or that the connection failed. In the second case tonic opens a new connection itself.
    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if let Some(grpc) = self.0 {
            grpc.suspect.store(true, Ordering::Relaxed);
        }
    }
}

/// The reason why a call failed, and whether it may be retried, by the table of the OTLP specification.
fn failure(status: &Status, secrets: &Secrets, has_answered: bool) -> Failure {
    let code = status.code();
    let reason = match status.source() {
        // An error of the client itself. tonic's own message says only that it was a transport error.
        Some(source) => chain(source, secrets),
        None if status.message().is_empty() => format!("gRPC status {code:?}"),
        None => format!("gRPC status {code:?}: {}", secrets.hide(status.message())),
    };
    if !has_answered && wrong_protocol::is_not_grpc(status) {
        return Failure { reason: format!("{reason}; {}", wrong_protocol::LOOKS_LIKE_HTTP), retry: Retry::Never };
    }
    let retry = match (code, delay(status)) {
        (Code::ResourceExhausted | Code::Unavailable, Some(delay)) => Retry::After(delay),
        (
            Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss,
            _,
        ) => Retry::WithBackoff,
        // The connection broke before the receiver responded.
        (Code::Unknown, _) if status.source().is_some() => Retry::WithBackoff,
        _ => Retry::Never,
    };
    Failure { reason, retry }
}

/// The delay that the receiver requests. A negative one counts as 0. The conversion of `tonic-types` panics at some values.
fn delay(status: &Status) -> Option<Duration> {
    let details = pb::Status::decode(status.details()).ok()?.details;
    let mut infos = details.iter().filter(|detail| detail.type_url == RetryInfo::TYPE_URL);
    let delay = infos.find_map(|detail| pb::RetryInfo::decode(&*detail.value).ok())?.retry_delay?;
    let nanos = u32::try_from(delay.nanos).unwrap_or(0).min(999_999_999);
    Some(u64::try_from(delay.seconds).map_or(Duration::ZERO, |seconds| Duration::new(seconds, nanos)))
}

/// Messages that are already encoded, because one request may need several attempts.
#[derive(Clone, Copy, Debug)]
struct Encoded;

impl Codec for Encoded {
    type Encode = Bytes;
    type Decode = ExportMetricsServiceResponse;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.reserve(message.len());
        buffer.put(message);
        Ok(())
    }
}

/// The responses for traces have the same fields as those for metrics.
impl Decoder for Encoded {
    type Item = ExportMetricsServiceResponse;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Self::Item>, Status> {
        let answer = ExportMetricsServiceResponse::decode(buffer);
        answer.map(Some).map_err(|error| Status::internal(format!("the response is not OTLP: {error}")))
    }
}

fn metadata(config: &Otlp) -> Result<MetadataMap, Problem> {
    let mut metadata = MetadataMap::new();
    for (name, value) in &config.headers.0 {
        let pair = name.parse::<AsciiMetadataKey>().ok().zip(value.parse::<AsciiMetadataValue>().ok());
        let Some((name, mut value)) = pair else {
            return Err(Problem::secret(&super::HEADERS, "gRPC metadata keys and values"));
        };
        value.set_sensitive(true);
        metadata.insert(name, value);
    }
    Ok(metadata)
}
