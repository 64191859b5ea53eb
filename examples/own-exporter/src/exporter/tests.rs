use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};

use super::*;
use crate::receiver::{self, response};

const TOKEN: &str = "s3cret-token";

/// Starts a receiver with a fixed response. Returns its URL, and a channel with the head and body of each request.
fn receiver(answer: String) -> (String, Receiver<(String, String)>) {
    let (got, requests) = channel();
    let url = receiver::start(move |head, body| {
        let _ = got.send((head.to_owned(), body.to_owned()));
        answer.clone()
    });
    (url.unwrap(), requests)
}

/// Keeps the result of an export. The SDK's reader only logs it.
struct ResultKeeper(InfluxExporter, Arc<Mutex<Option<Result<(), String>>>>);

impl PushMetricExporter for ResultKeeper {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let result = self.0.export(metrics).await;
        *self.1.lock().unwrap() = Some(result.as_ref().copied().map_err(ToString::to_string));
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.0.temporality()
    }
}

/// Exports one counter and returns the result.
fn export(exporter: InfluxExporter) -> Result<(), String> {
    let kept = Arc::default();
    let exporter = ResultKeeper(exporter, Arc::clone(&kept));
    let reader = PeriodicReader::builder(exporter).with_interval(Duration::from_secs(3600)).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    provider.meter("test").u64_counter("acme.orders").build().add(2, &[]);
    let _ = provider.force_flush();
    let result = kept.lock().unwrap().take().expect("an export");
    // The shutdown exports once more, with the same result.
    let _ = provider.shutdown();
    result
}

#[test]
fn sends_lines_with_the_token() {
    let (url, requests) = receiver(response("204 No Content", ""));
    let exporter = InfluxExporter::new(&format!("{url}?db=shop"), Some(TOKEN), Duration::from_secs(20)).unwrap();
    export(exporter).unwrap();
    let (head, body) = requests.recv().unwrap();
    assert!(head.starts_with("POST /write?db=shop HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("authorization: Token {TOKEN}\r\n")), "{head}");
    assert!(body.starts_with("acme.orders,") && body.contains(" counter=2i "), "{body}");
}

#[test]
fn an_error_response_is_reported_without_secrets() {
    let why = format!("partial write: field type conflict {}", "x".repeat(10_000));
    let (url, requests) = receiver(response("400 Bad Request", &why));
    let url = url.replace("http://", "http://user:pa55@") + "?u=user&p=pa55";
    let error = export(InfluxExporter::new(&url, Some(TOKEN), Duration::from_secs(20)).unwrap()).unwrap_err();
    let (head, _) = requests.recv().unwrap();
    assert!(head.contains(TOKEN), "{head}");
    assert!(error.contains("/write: status 400 Bad Request: partial write: field type conflict xxx"), "{error}");
    assert!(error.contains("http://127.0.0.1:") && error.len() < 400, "{error}");
    assert!(!error.contains(TOKEN) && !error.contains("pa55"), "{error}");
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let location = format!("http://{}/write", elsewhere.local_addr().unwrap());
    let (url, requests) = receiver(format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"));
    let error = export(InfluxExporter::new(&url, Some(TOKEN), Duration::from_secs(20)).unwrap()).unwrap_err();
    requests.recv().unwrap();
    assert!(error.contains("status 302"), "{error}");
    assert!(elsewhere.accept().is_err(), "the exporter followed the redirect");
}

#[test]
fn a_receiver_that_hangs_fails_after_the_timeout() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/write", held.local_addr().unwrap());
    let begun = std::time::Instant::now();
    let error = export(InfluxExporter::new(&url, None, Duration::from_millis(200)).unwrap()).unwrap_err();
    assert!(error.contains("timeout"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn a_refused_connection_is_reported() {
    // The test holds the port on another loopback address, so no other program listens on this one.
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.9:{}/write", held.local_addr().unwrap().port());
    let error = export(InfluxExporter::new(&url, None, Duration::from_secs(20)).unwrap()).unwrap_err();
    assert!(error.contains(&url) && error.to_lowercase().contains("refused"), "{error}");
}

#[test]
fn a_truncated_response_is_reported() {
    let (url, requests) = receiver("HTTP/1.1 500 Oh\r\ncontent-length: 100\r\n\r\nhalf".to_owned());
    let error = export(InfluxExporter::new(&url, None, Duration::from_secs(20)).unwrap()).unwrap_err();
    requests.recv().unwrap();
    assert!(error.contains("status 500"), "{error}");
}

#[test]
fn an_export_after_the_shutdown_fails() {
    let exporter = InfluxExporter::new("http://127.0.0.1:1/write", None, Duration::from_secs(20)).unwrap();
    exporter.shutdown().unwrap();
    let error = export(exporter).unwrap_err();
    assert!(error.contains("hut"), "{error}");
}

#[test]
fn invalid_urls_and_tokens_are_rejected() {
    for url in ["", "127.0.0.1:8086", "/write", "https://127.0.0.1:8086/write", "http://", "http://a b/"] {
        let error = InfluxExporter::new(url, None, Duration::from_secs(1)).err().unwrap_or_else(|| panic!("{url:?}"));
        assert!(error.contains("expected a URL such as http://127.0.0.1:8086/write?db=shop"), "{url:?}: {error}");
    }
    let error = InfluxExporter::new("http://127.0.0.1:1/", Some("a\nb"), Duration::from_secs(1)).err().unwrap();
    assert!(error.contains("token") && !error.contains("a\nb"), "{error}");
}
