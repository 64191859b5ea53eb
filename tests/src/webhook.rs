//! A fake receiver of webhooks: it receives JSON by HTTP on a free port, and keeps it.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// A received message.
#[derive(Clone, Debug)]
pub struct Message {
    /// The path of the request.
    pub path: String,
    /// The header `authorization`, or an empty string.
    pub authorization: String,
    /// All headers.
    pub headers: http::HeaderMap,
    /// The body, or null if it is not JSON.
    pub body: Value,
}

/// A running receiver. It runs until the process ends, on its own thread and runtime.
#[derive(Clone, Debug)]
pub struct Webhook {
    address: String,
    messages: Arc<Mutex<Vec<Message>>>,
}

impl Webhook {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If no port is free, or the runtime cannot be created.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a non-blocking socket");
        let address = listener.local_addr().expect("the socket is bound").to_string();
        let webhook = Self { address, messages: Arc::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let messages = webhook.messages.clone();
        thread::spawn(move || runtime.block_on(serve(listener, messages)));
        webhook
    }

    /// Returns the URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the messages received so far.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(listener: std::net::TcpListener, messages: Arc<Mutex<Vec<Message>>>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a runtime with a reactor");
    while let Ok((stream, _)) = listener.accept().await {
        let messages = messages.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| take(request, &messages));
            // A client may disconnect at any time.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn take(request: Request<Incoming>, kept: &Mutex<Vec<Message>>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let message = Message {
        path: parts.uri.path().to_owned(),
        authorization: authorization.to_owned(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    kept.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    Ok(Response::new(Full::from("ok")))
}
