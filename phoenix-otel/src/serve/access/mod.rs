//! Who may use the endpoint: TLS, passwords, tokens and a rate limit.
//!
//! All files are read again at most once a second, when a connection or a request arrives. If they are invalid, the previous ones stay in use.

mod handshake;
mod loaded;
mod passwords;
mod rate_limit;
mod tls;

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use rustls::ServerConfig;
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;
use tokio::time::timeout;

use super::head::RequestHead;
use super::response;
use crate::config::{Problems, Secret, WebConfig, WebSource};
use crate::export::plugin::ExportFailure;
use crate::lock::lock;
use crate::report::report;
use loaded::Loaded;
use passwords::{Passwords, Verdict};
use rate_limit::TokenBucket;

/// How long the files are used before they are read again.
const READ_INTERVAL: Duration = Duration::from_secs(1);
/// How long a connection or a request waits until they are read. A file system that hangs must not stop scrapes.
const READ_TIMEOUT: Duration = Duration::from_secs(1);

/// Who may use the endpoint. Shared by all its connections.
pub(crate) struct Access {
    source: WebSource,
    loaded: Mutex<Arc<Loaded>>,
    reads: Mutex<Reads>,
    /// Why the newest files are not used.
    failure: watch::Sender<Option<ExportFailure>>,
    passwords: Passwords,
    /// Set at the start, as in Prometheus.
    limit: Option<Mutex<TokenBucket>>,
}

/// When the files were read.
struct Reads {
    last: Instant,
    is_reading: bool,
}

/// What a request may do.
pub(crate) enum Admission {
    /// The request is served. The response has these headers.
    Full(Headers),
    /// The request has no valid credentials. On the health path it gets the status without details, on other paths this response.
    OnlyHealth(Response<Full<Bytes>>),
    /// The request gets this response.
    Refused(Response<Full<Bytes>>),
}

/// Headers of each response.
pub(crate) type Headers = Vec<(&'static str, String)>;

impl Access {
    /// Reads all files. `None` if neither code nor a file sets anything.
    ///
    /// # Errors
    ///
    /// All problems.
    pub(crate) fn open(source: WebSource) -> Result<Option<Arc<Self>>, Problems> {
        if source.setting().is_none() {
            return Ok(None);
        }
        let loaded = Loaded::load(&source)?;
        let limit = loaded.config.rate_limit.map(|limit| Mutex::new(TokenBucket::new(limit, Instant::now())));
        let reads = Mutex::new(Reads { last: Instant::now(), is_reading: false });
        let (failure, passwords) = (watch::Sender::new(None), Passwords::default());
        let loaded = Mutex::new(Arc::new(loaded));
        Ok(Some(Arc::new(Self { source, loaded, reads, failure, passwords, limit })))
    }

    /// The reason why the newest files are not used. `None` while they are used.
    pub(crate) fn failure(&self) -> watch::Receiver<Option<ExportFailure>> {
        self.failure.subscribe()
    }

    /// The path of the file, if neither it nor code sets anything that protects the endpoint.
    pub(crate) fn empty_file(&self) -> Option<String> {
        let set = lock(&self.loaded).config.clone();
        let is_empty = WebConfig { open_health: false, ..set } == WebConfig::default();
        Some(self.source.file.as_ref().filter(|_| is_empty)?.path.shown())
    }

    /// Whether only known clients are served. It does not change.
    pub(crate) fn knows_clients(&self) -> bool {
        lock(&self.loaded).config.knows_clients()
    }

    /// The configuration of a new TLS connection; `None` without TLS.
    async fn tls(self: &Arc<Self>) -> Option<Arc<ServerConfig>> {
        self.current().await.tls.clone()
    }

    /// Decides on a request.
    pub(super) async fn admit(self: &Arc<Self>, request: &RequestHead) -> Admission {
        let method = &request.method;
        if let Some(limit) = &self.limit
            && !lock(limit).take(Instant::now())
        {
            return Admission::Refused(response::plain(method, StatusCode::TOO_MANY_REQUESTS, "too many requests\n"));
        }
        let loaded = self.current().await;
        let headers = loaded.config.headers.clone();
        if !loaded.config.requires_authentication() {
            return Admission::Full(headers);
        }
        match self.authenticate(&loaded, request.authorization.as_deref(), request.peer).await {
            Verdict::Right => Admission::Full(headers),
            Verdict::Wrong => {
                let response = response::unauthorized(method, loaded.challenges());
                let response = response::with_headers(response, &headers);
                if loaded.config.open_health { Admission::OnlyHealth(response) } else { Admission::Refused(response) }
            }
            Verdict::Busy => {
                let response = response::plain(
                    method,
                    StatusCode::SERVICE_UNAVAILABLE,
                    "too many passwords wait for verification; try again\n",
                );
                Admission::Refused(response::with_headers(response, &headers))
            }
        }
    }

    async fn authenticate(&self, loaded: &Loaded, header: Option<&[u8]>, peer: Option<IpAddr>) -> Verdict {
        let Some((scheme, credentials)) = header.and_then(credentials) else {
            return Verdict::Wrong;
        };
        let verdict = if scheme.eq_ignore_ascii_case(b"bearer") && !loaded.tokens.is_empty() {
            if is_one_of(credentials, &loaded.tokens) { Verdict::Right } else { Verdict::Wrong }
        } else if scheme.eq_ignore_ascii_case(b"basic") && !loaded.config.users.is_empty() {
            match user_and_password(credentials) {
                Some((user, password)) => self.passwords.verify(&loaded.config.users, &user, password, peer).await,
                None => Verdict::Wrong,
            }
        } else {
            Verdict::Wrong
        };
        if verdict == Verdict::Wrong {
            report!(WARN, {}, "the scrape endpoint rejected a request: its password or token is wrong");
        }
        verdict
    }

    /// The current files. Reads them again if that is due.
    async fn current(self: &Arc<Self>) -> Arc<Loaded> {
        if self.begin_read(Instant::now()) {
            let access = self.clone();
            // The read goes on if the caller ends or has waited long enough.
            let _ = timeout(READ_TIMEOUT, tokio::task::spawn_blocking(move || access.reload())).await;
        }
        lock(&self.loaded).clone()
    }

    fn begin_read(&self, now: Instant) -> bool {
        let mut reads = lock(&self.reads);
        let is_due = !reads.is_reading && now.saturating_duration_since(reads.last) >= READ_INTERVAL;
        reads.is_reading |= is_due;
        is_due
    }

    /// Reads all files. If they are invalid, the previous ones stay in use.
    fn reload(&self) {
        let _reading = Reading(&self.reads);
        let former = lock(&self.loaded).clone();
        let failed = match Loaded::load(&self.source).and_then(|new| new.may_follow(&former, &self.source)) {
            Ok(new) => {
                *lock(&self.loaded) = Arc::new(new);
                None
            }
            Err(problems) => Some(problems.without_fallbacks().to_string().trim().to_owned()),
        };
        let before = self.failure.borrow().as_ref().map(|failure| failure.reason.clone());
        if before != failed {
            match &failed {
                Some(error) => report!(
                    ERROR,
                    { error = error.as_str() },
                    "the scrape endpoint cannot use its changed TLS and authentication files; the previous ones stay in use"
                ),
                None => tracing::info!("the scrape endpoint uses its TLS and authentication files again"),
            }
            self.failure.send_replace(failed.map(ExportFailure::now));
        }
    }
}

/// RAII guard of a read. It ensures that the files are read again later, even if a log sink panics.
struct Reading<'a>(&'a Mutex<Reads>);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut reads = lock(self.0);
        (reads.last, reads.is_reading) = (Instant::now(), false);
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("source", &self.source).finish_non_exhaustive()
    }
}

/// The scheme and the credentials of a header `Authorization`.
fn credentials(header: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = header.iter().position(|byte| *byte == b' ')?;
    Some((&header[..space], header[space..].trim_ascii()))
}

/// Decodes the credentials of basic authentication (RFC 7617).
fn user_and_password(credentials: &[u8]) -> Option<(String, Vec<u8>)> {
    let decoded = STANDARD.decode(credentials).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let user = String::from_utf8(decoded[..colon].to_vec()).ok()?;
    Some((user, decoded[colon + 1..].to_vec()))
}

/// Compares with all tokens. The time depends on the lengths only.
fn is_one_of(token: &[u8], tokens: &[Secret]) -> bool {
    let found = tokens.iter().fold(subtle::Choice::from(0), |found, one| found | token.ct_eq(one.expose().as_bytes()));
    found.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::options::Prometheus;
    use crate::config::{Env, Environment};

    #[test]
    fn credentials_are_read_as_the_standard_says() {
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text)).into_bytes();
        let read = |header: &[u8]| {
            let (scheme, rest) = credentials(header)?;
            scheme.eq_ignore_ascii_case(b"basic").then_some(())?;
            user_and_password(rest)
        };
        for (text, expected) in [
            ("user:pass", Some(("user", "pass"))),
            ("user:pa:ss", Some(("user", "pa:ss"))),
            ("user:", Some(("user", ""))),
            (":pass", Some(("", "pass"))),
            ("größe:größe", Some(("größe", "größe"))),
            ("no colon", None),
        ] {
            let expected = expected.map(|(user, password)| (user.to_owned(), password.as_bytes().to_vec()));
            assert_eq!(read(&basic(text)), expected, "{text}");
        }
        let lower = basic("a:b").to_ascii_lowercase();
        assert_eq!(credentials(&lower).map(|(scheme, _)| scheme), Some(&b"basic"[..]));
        for header in
            [&b""[..], b"Basic", b"Basic ", b"Basic !!!!", b"Basic dXNlcg", b"Bearer dXNlcjpwYXNz", b"\xff \xff"]
        {
            assert_eq!(read(header), None, "{}", String::from_utf8_lossy(header));
        }
    }

    #[test]
    fn a_token_is_compared_as_a_whole() {
        let tokens = ["first", "second"].map(Secret::new);
        for (token, is_right) in
            [("first", true), ("second", true), ("", false), ("firs", false), ("firsts", false), ("First", false)]
        {
            assert_eq!(is_one_of(token.as_bytes(), &tokens), is_right, "{token}");
        }
        assert!(!is_one_of(b"first", &[]));
    }

    #[tokio::test]
    async fn a_read_that_hangs_delays_a_client_only_shortly() {
        let path = std::env::temp_dir().join(format!("phoenix-otel-{}.tokens", std::process::id()));
        std::fs::write(&path, "t0ken").unwrap();
        let environment = Environment::from_map(Default::default());
        let options = Prometheus::new().bearer_token_file(&path);
        let source = WebSource::resolve(&mut Env::new(&environment), "prometheus", &options).unwrap();
        let access = Access::open(source).unwrap().unwrap();
        std::fs::remove_file(&path).unwrap();
        lock(&access.reads).last -= READ_INTERVAL;
        // The read hangs where it notes its failure.
        let failure = access.failure();
        let hangs = failure.borrow();
        let current = timeout(Duration::from_secs(60), access.current()).await.expect("the former files");
        assert_eq!(current.tokens.len(), 1);
        drop(hangs);
    }
}
