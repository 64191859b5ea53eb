//! The exporter: an HTTP client around the encoder.

use std::io::Read as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use ureq::Agent;
use ureq::http::{HeaderValue, Uri};

use crate::line;

/// Posts metrics to a receiver of the Influx line protocol.
pub struct InfluxExporter {
    agent: Agent,
    url: Uri,
    /// The URL for messages, without user and query, which may contain a password.
    display_url: String,
    token: Option<HeaderValue>,
    shut_down: AtomicBool,
}

impl InfluxExporter {
    /// An exporter to a URL such as `http://127.0.0.1:8086/write?db=shop` (InfluxDB 1) or
    /// `http://127.0.0.1:8086/api/v2/write?org=acme&bucket=shop` (InfluxDB 2 and 3). No request takes longer than `timeout`.
    ///
    /// # Errors
    ///
    /// The URL is invalid, or the token has a character that a header cannot have. The message does not contain the token.
    pub fn new(url: &str, token: Option<&str>, timeout: Duration) -> Result<Self, String> {
        let wrong = "the URL of the receiver is invalid: expected a URL such as http://127.0.0.1:8086/write?db=shop";
        let url: Uri = url.parse().map_err(|error| format!("{wrong}; {error}"))?;
        let authority = url.authority().filter(|_| url.scheme_str() == Some("http")).ok_or(wrong)?;
        // The authority may begin with `user:password@`.
        let host = authority.as_str().rsplit('@').next().unwrap_or_default();
        let display_url = format!("http://{host}{}", url.path());
        let header = |token| HeaderValue::try_from(format!("Token {token}"));
        let token = token.map(header).transpose().map_err(|_| "the token has a character that a header cannot have")?;
        let agent = Agent::config_builder()
            .timeout_global(Some(timeout))
            // Keep an error response, since its body has the reason.
            .http_status_as_error(false)
            // A redirect would lose the body and could send the token to another host.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .into();
        Ok(Self { agent, url, display_url, token, shut_down: AtomicBool::new(false) })
    }

    fn post(&self, lines: &str) -> Result<(), String> {
        let mut request = self.agent.post(&self.url).content_type("text/plain; charset=utf-8");
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        let mut response = request.send(lines).map_err(|error| error.to_string())?;
        if response.status().is_success() {
            return Ok(());
        }
        let status = response.status();
        // The first 200 bytes of the response are enough for the log.
        let mut text = Vec::new();
        Err(match response.body_mut().as_reader().take(200).read_to_end(&mut text) {
            Ok(0) => format!("status {status}"),
            Ok(_) => format!("status {status}: {}", String::from_utf8_lossy(&text).trim()),
            Err(error) => format!("status {status}, and the body could not be read: {error}"),
        })
    }
}

impl PushMetricExporter for InfluxExporter {
    /// Blocks while it sends; `phoenix_otel` calls it on a dedicated thread. It does not retry, since the next export has the same cumulative values.
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        if self.shut_down.load(Ordering::Relaxed) {
            return Err(OTelSdkError::AlreadyShutdown);
        }
        let lines = line::encode(metrics);
        if lines.is_empty() {
            return Ok(());
        }
        self.post(&lines).map_err(|why| OTelSdkError::InternalFailure(format!("{}: {why}", self.display_url)))
    }

    /// Nothing is buffered.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        self.shut_down.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// InfluxDB stores points and does not add them up, so the temporality is cumulative. For StatsD, which adds them up, it would be `Delta`.
    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

#[cfg(test)]
mod tests;
