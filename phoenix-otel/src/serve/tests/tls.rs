//! TLS with slow and hostile clients.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::*;
use crate::config::options::Prometheus;
use crate::config::{Env, Environment, WebSource};

/// A server with TLS.
struct TlsServer {
    server: Server,
    client: Arc<rustls::ClientConfig>,
    _file: File,
}

/// A file that is deleted when it is dropped.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        static FILES: AtomicUsize = AtomicUsize::new(0);
        let name = format!("phoenix-otel-{}-{}.yml", std::process::id(), FILES.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn access(options: &Prometheus) -> Option<Arc<Access>> {
    let environment = Environment::from_map(Default::default());
    let source = WebSource::resolve(&mut Env::new(&environment), "prometheus", options).unwrap();
    Access::open(source).unwrap()
}

/// The certificate and the key are in the file.
fn serve_tls(limits: Limits) -> TlsServer {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let indented = |pem: String| pem.replace('\n', "\n    ");
    let (pem, key) = (indented(cert.pem()), indented(signing_key.serialize_pem()));
    let file = File::new(&format!("tls_server_config:\n  cert: |\n    {pem}\n  key: |\n    {key}\n"));
    let access = access(&Prometheus::new().web_config_file(&file.0));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth().into();
    TlsServer { server: serve_with(Fake::default(), limits, access), client, _file: file }
}

impl TlsServer {
    fn assert_serves(&self) {
        let connection = rustls::ClientConnection::new(self.client.clone(), "localhost".try_into().unwrap()).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, self.server.connect());
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok\n"), "{answer}");
    }
}

/// The handshake and the wait for the first request have the time limit of a head. `NEVER` is longer than twice that limit.
#[test]
fn a_handshake_that_does_not_end_is_ended_while_others_are_served() {
    let tls = serve_tls(limits());
    let mut silent = tls.server.connect();
    let mut begun = tls.server.connect();
    begun.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").unwrap();
    // After the handshake there is no request.
    let connection = rustls::ClientConnection::new(tls.client.clone(), "localhost".try_into().unwrap()).unwrap();
    let mut idle = rustls::StreamOwned::new(connection, tls.server.connect());
    idle.flush().unwrap();
    while idle.conn.is_handshaking() {
        idle.conn.complete_io(&mut idle.sock).unwrap();
    }
    tls.assert_serves();
    assert_eq!(read_to_end(&mut silent), "");
    assert_eq!(read_to_end(&mut begun), "");
    read_to_end(&mut idle.sock);
    tls.assert_serves();
}

#[test]
fn handshakes_count_as_connections() {
    let tls = serve_tls(Limits { connections: 4, ..limits() });
    let silent: Vec<_> = (0..8).map(|_| tls.server.connect()).collect();
    tls.assert_serves();
    drop(silent);
    tls.assert_serves();
}

#[test]
fn requests_without_tls_get_400() {
    let tls = serve_tls(limits());
    for request in
        ["GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", "POST / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        let answer = tls.server.exchange(request);
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        assert_eq!(header(&answer, "content-length").unwrap().parse(), Ok(body(&answer).len()));
        assert_eq!(body(&answer), "Client sent an HTTP request to an HTTPS server.\n");
    }
    tls.assert_serves();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_bytes_end_the_handshake_while_others_are_served(
        requests in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..6),
        start in prop::sample::select(vec![&b""[..], b"\x16\x03\x01\x00\x05", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x15\x03\x03\x00\x02", b"G"]),
    ) {
        let tls = serve_tls(limits());
        for bytes in requests {
            tls.server.exchange([start, &bytes].concat());
        }
        tls.assert_serves();
    }

    /// The bytes of the header need not be text.
    #[test]
    fn any_authorization_is_refused(headers in prop::collection::vec(("(?i)basic |bearer |", prop::collection::vec(any::<u8>(), 0..200)), 1..6)) {
        let options = Prometheus::new().basic_auth("prometheus", bcrypt::hash("s3cret", 4).unwrap()).bearer_token("t0ken");
        let server = serve_with(Fake::default(), limits(), access(&options));
        for (scheme, credentials) in headers {
            let credentials: Vec<u8> = credentials.into_iter().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)).collect();
            let request = [b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: ", scheme.as_bytes(), &credentials, b"\r\n\r\n"];
            let answer = server.exchange(request.concat());
            prop_assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
        }
        assert_eq!(server.source.scrapes.load(Ordering::SeqCst), 0);
        let right = server.exchange("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer t0ken\r\n\r\n");
        prop_assert!(right.starts_with("HTTP/1.1 200 OK\r\n"), "{right}");
    }
}
