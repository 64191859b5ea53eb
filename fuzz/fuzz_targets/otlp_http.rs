//! The response of a receiver of OTLP over HTTP: any bytes. The export ends, and health describes it in one line.

#![no_main]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;
use phoenix_otel::{Otlp, Protocol, Telemetry};

#[path = "exported.rs"]
mod exported;

/// What the receiver sends next.
static RESPONSE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

static TELEMETRY: LazyLock<Telemetry> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(respond(stream))));
    exported::start(Otlp::new().protocol(Protocol::HttpProtobuf).endpoint(format!("http://{address}/v1/metrics")))
});

fuzz_target!(|input: &[u8]| {
    *RESPONSE.lock().expect("no panic") = input.to_vec();
    exported::export(&TELEMETRY);
});

/// Reads one request, and answers it.
fn respond(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while stream.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    stream.by_ref().take(length).read_to_end(&mut Vec::new())?;
    let response = RESPONSE.lock().expect("no panic").clone();
    stream.get_mut().write_all(&response)
}
