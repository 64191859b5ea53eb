//! OTLP over HTTP, by a client of our own.

mod client;
mod connect;
mod partial;

use self::client::Client;
use self::partial::Partial;
use super::{Cause, Rejected, refused, temporality};
use crate::config::{Compression, Otlp, Problem, Problems};
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{MetricExporter, WithExportConfig, WithHttpConfig};
use std::error::Error;

/// The longest piece of a server's answer that an error repeats.
const SHOWN: usize = 200;

pub(super) fn build(config: &Otlp, cause: Cause, rejected: Rejected) -> Result<MetricExporter, Problems> {
    let builder = MetricExporter::builder().with_http().with_temporality(temporality(config));
    let builder = configure(builder, config, cause, Partial::of("data points", rejected))?;
    Ok(builder.build().map_err(|error| refused(config, &error))?)
}

#[cfg(feature = "tracing")]
pub(super) fn build_spans(config: &Otlp, cause: Cause) -> Result<opentelemetry_otlp::SpanExporter, Problems> {
    let builder = opentelemetry_otlp::SpanExporter::builder().with_http();
    let builder = configure(builder, config, cause, Partial::of("spans", Rejected::default()))?;
    Ok(builder.build().map_err(|error| refused(config, &error))?)
}

/// The same for every signal.
fn configure<B: WithExportConfig + WithHttpConfig>(
    builder: B,
    config: &Otlp,
    cause: Cause,
    partial: Partial,
) -> Result<B, Problems> {
    let sender = Sender { client: Client::new(config)?, headers: headers(config)?, cause, partial };
    let builder = builder
        .with_protocol(opentelemetry_otlp::Protocol::HttpBinary)
        .with_endpoint(&config.endpoint)
        .with_timeout(config.timeout)
        .with_http_client(sender);
    Ok(match config.compression {
        Compression::None => builder,
        Compression::Gzip => builder.with_compression(opentelemetry_otlp::Compression::Gzip),
    })
}

fn headers(config: &Otlp) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::new();
    for (name, value) in &config.headers.0 {
        let header = name.parse::<HeaderName>().ok().zip(HeaderValue::from_str(value).ok());
        let Some((name, mut value)) = header else {
            return Err(Problem::secret("OTEL_EXPORTER_OTLP_HEADERS", "header names and values"));
        };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Sends with our headers, and keeps what went wrong.
#[derive(Debug)]
struct Sender {
    client: Client,
    headers: HeaderMap,
    cause: Cause,
    partial: Partial,
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let mut headers = HeaderMap::new();
        // Any other header came from a variable that opentelemetry-otlp read itself, and ours are already the merged ones.
        for name in [CONTENT_TYPE, CONTENT_ENCODING, USER_AGENT] {
            if let Some(value) = request.headers_mut().remove(&name) {
                headers.insert(name, value);
            }
        }
        headers.extend(self.headers.clone());
        *request.headers_mut() = headers;
        let sent = self.client.send(request).await;
        match &sent {
            Ok(response) if response.status().is_success() => {
                self.partial.look(response.body(), |text| self.shown(text))
            }
            Ok(response) => self.cause.set(self.answer(response)),
            Err(error) => self.cause.set(chain(&**error)),
        }
        sent
    }
}

impl Sender {
    /// What a server said of a request that it refused: the status, and the beginning of a text, without our header values.
    fn answer(&self, response: &Response<Bytes>) -> String {
        let status = response.status().to_string();
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let text = match kind.starts_with("text/plain") || kind.starts_with("application/json") {
            true => String::from_utf8_lossy(response.body()).into_owned(),
            false => String::new(),
        };
        let text = self.shown(&text);
        if text.is_empty() { status } else { format!("{status}: {text}") }
    }

    /// The beginning of what a server said, on one line, without our header values.
    fn shown(&self, text: &str) -> String {
        // A shorter value is no secret, and would be found in any text.
        let values = self.headers.values().filter_map(|value| value.to_str().ok()).filter(|value| value.len() > 3);
        let text = values.fold(text.to_owned(), |text, value| text.replace(value, "***"));
        text.trim().chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

/// An error with all that it comes from, each once: hyper's own text says no more than "client error (Connect)".
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}
