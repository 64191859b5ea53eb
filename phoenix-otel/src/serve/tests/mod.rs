//! The endpoint with slow, broken and hostile clients. Every wait is for an event, with a timeout that only a failing test reaches.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::sync::{oneshot, watch};

use super::*;
use crate::error::ScrapeError;
use crate::export::prometheus::MediaType;

mod connections;
mod hostile;
mod lifetime;
mod responses;
mod slow;
#[cfg(all(feature = "web-config", feature = "tls"))]
mod tls;

/// A timeout that only a failing test reaches.
const NEVER: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Fake {
    size: usize,
    /// While it is closed, scrapes block.
    closed: Mutex<bool>,
    opened: Condvar,
    panics: bool,
    scrapes: AtomicUsize,
    /// The reported statuses; `None` for a client that disconnected.
    told: Mutex<Vec<Option<u16>>>,
}

impl Fake {
    fn set_closed(&self, closed: bool) {
        *self.closed.lock().unwrap() = closed;
        self.opened.notify_all();
    }
}

impl Source for Fake {
    fn encode(&self, MediaType { format, .. }: MediaType) -> Result<Vec<u8>, ScrapeError> {
        self.scrapes.fetch_add(1, Ordering::SeqCst);
        let closed = self.opened.wait_while(self.closed.lock().unwrap(), |closed| *closed);
        drop(closed.unwrap());
        assert!(!self.panics, "a callback panics");
        let mut body = format!("# {format:?}\n").into_bytes();
        body.resize(body.len() + self.size, b'x');
        Ok(body)
    }

    fn scraped(&self, status: Option<StatusCode>, _: Duration) {
        self.told.lock().unwrap().push(status.map(|status| status.as_u16()));
    }

    fn health(&self) -> Health {
        Health { healthy: true, body: "ok\n".to_owned() }
    }
}

struct Server {
    address: SocketAddr,
    addresses: watch::Receiver<Vec<SocketAddr>>,
    source: Arc<Fake>,
    stop: Option<oneshot::Sender<()>>,
    ended: std::sync::mpsc::Receiver<()>,
    _runtime: tokio::runtime::Runtime,
}

/// Short enough to be reached in a test, long enough for a client that reads without delay.
fn limits() -> Limits {
    Limits { head: Duration::from_secs(2), write: Duration::from_secs(3), half_closed: NEVER, ..Limits::default() }
}

fn serve(source: Fake, limits: Limits) -> Server {
    serve_with(source, limits, None)
}

fn serve_with(source: Fake, limits: Limits, access: Option<Arc<Access>>) -> Server {
    let source = Arc::new(source);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = Listener::bind(Endpoint::new(source.clone()).with_access(access), "127.0.0.1", 0, limits);
    let addresses = listener.addresses();
    let address = addresses.borrow()[0];
    let (stop, stopped) = oneshot::channel::<()>();
    let (end, ended) = std::sync::mpsc::channel();
    runtime.spawn(async move {
        listener
            .run(async {
                let _ = stopped.await;
            })
            .await;
        let _ = end.send(());
    });
    Server { address, addresses, source, stop: Some(stop), ended, _runtime: runtime }
}

/// Releases collections that hang when a test fails: the runtime waits for them.
impl Drop for Server {
    fn drop(&mut self) {
        self.source.set_closed(false);
    }
}

impl Server {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(NEVER)).unwrap();
        stream.set_write_timeout(Some(NEVER)).unwrap();
        stream
    }

    /// Sends bytes, closes the sending half, and reads the whole response.
    fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(request.as_ref());
        let _ = stream.shutdown(Shutdown::Write);
        read_to_end(&mut stream)
    }

    fn get(&self, path: &str) -> String {
        self.exchange(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    /// Waits until this many collections have started.
    #[track_caller]
    fn wait_for_scrapes(&self, count: usize) {
        let began = Instant::now();
        while self.source.scrapes.load(Ordering::SeqCst) < count {
            assert!(began.elapsed() < NEVER, "{count} collections should have started");
            std::thread::yield_now();
        }
    }

    /// Waits until this many scrapes have had responses.
    #[track_caller]
    fn wait_for_answers(&self, count: usize) {
        let began = Instant::now();
        while self.source.told.lock().unwrap().len() < count {
            assert!(began.elapsed() < NEVER, "{count} scrapes should have been answered");
            std::thread::yield_now();
        }
    }

    /// How many scrapes have ended without a response.
    fn abandoned(&self) -> usize {
        self.source.told.lock().unwrap().iter().filter(|status| status.is_none()).count()
    }

    fn assert_serves(&self) {
        let answer = self.get("/healthz");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok\n"), "{answer}");
    }
}

/// Reads until the peer closes the connection. A reset counts as the end.
fn read_to_end(stream: &mut TcpStream) -> String {
    let (mut all, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(size) => all.extend_from_slice(&buffer[..size]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("the connection neither answers nor ends: {error}"),
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// Reads one response, and leaves the connection open.
fn read_answer(stream: &mut TcpStream) -> String {
    let (mut all, mut byte) = (Vec::new(), [0]);
    while !all.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        all.push(byte[0]);
    }
    let head = String::from_utf8(all).unwrap();
    let length = header(&head, "content-length").unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    head.lines().find_map(|line| {
        line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
