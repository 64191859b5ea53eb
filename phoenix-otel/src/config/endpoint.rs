//! Where OTLP sends to, by the rules of the specification's page "OpenTelemetry Protocol Exporter".

use std::fmt;

use super::model::{Protocol, Signal};

/// What an endpoint may be over HTTP.
pub(crate) const ALLOWED_HTTP: &str = "a URL like http://host:4318, with scheme http or https and without credentials; on Unix also a socket \
     by its absolute path, like unix:///run/otel.sock";
/// What an endpoint may be by gRPC.
pub(crate) const ALLOWED_GRPC: &str = "host:port, or a URL like http://host:4317, with scheme http or https and without credentials; on Unix also a \
     socket by its absolute path, like unix:///run/otel.sock";

/// What an endpoint may be where TLS is not built in. By gRPC one without a scheme is https, too.
pub(super) const NEEDS_TLS: &str =
    "an endpoint that begins with http://; https needs the feature `tls` of phoenix-otel";

/// How much of the URL an endpoint gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Complete: over HTTP it is used as it is.
    Whole,
    /// The base for every signal: over HTTP its path is prolonged.
    Base,
    /// A base which may already have the path of the metrics.
    BaseOrWhole,
}

/// The default of each protocol.
pub(crate) fn default(protocol: Protocol, signal: Signal) -> Url {
    Url(match protocol {
        Protocol::Grpc => "http://localhost:4317".to_owned(),
        Protocol::HttpProtobuf => format!("http://localhost:4318{}", signal.path()),
    })
}

/// The URL to send to, or nothing where the text is no endpoint.
///
/// By gRPC the path is left out, as gRPC has none; without a scheme, `insecure` decides between http and https.
pub(crate) fn resolve(text: &str, protocol: Protocol, form: Form, insecure: bool, signal: Signal) -> Option<String> {
    // The characters of RFC 3986 but for `#`, since a fragment is never sent.
    let is_url = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte);
    if !text.bytes().all(is_url) {
        return None;
    }
    if let Some(socket) = text.strip_prefix("unix:") {
        return self::socket(socket);
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?']) => (Some(scheme.to_ascii_lowercase()), rest),
        _ => (None, text),
    };
    let scheme = match (scheme, protocol) {
        (Some(scheme), _) if scheme == "http" || scheme == "https" => scheme,
        (None, Protocol::Grpc) => if insecure { "http" } else { "https" }.to_owned(),
        _ => return None,
    };
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if !is_authority(authority) {
        return None;
    }
    if protocol == Protocol::Grpc {
        return Some(format!("{scheme}://{authority}"));
    }
    let (path, query) = tail.split_at(tail.find('?').unwrap_or(tail.len()));
    let own = signal.path();
    let path = match form {
        Form::Base => format!("{}{own}", path.trim_end_matches('/')),
        Form::BaseOrWhole => {
            // What one builder was given is for every signal, also where it is the whole URL of the metrics.
            let base = path.strip_suffix(Signal::Metrics.path()).unwrap_or(path);
            let base = base.strip_suffix(own).unwrap_or(base);
            format!("{}{own}", base.trim_end_matches('/'))
        }
        _ if path.is_empty() => "/".to_owned(),
        _ => path.to_owned(),
    };
    Some(format!("{scheme}://{authority}{path}{query}"))
}

/// What the scheme of a socket begins an endpoint with.
const SOCKET: &str = "unix://";

/// The URL of a Unix socket, from what follows `unix:`. It ends with the socket's path: each signal has its own path there, and TLS there is none.
fn socket(text: &str) -> Option<String> {
    let path = text.strip_prefix("//").unwrap_or(text);
    let is_path = path.starts_with('/') && !path.ends_with('/') && !path.starts_with("//") && !path.contains('?');
    (cfg!(unix) && is_path).then(|| format!("{SOCKET}{path}"))
}

/// The schemes that are shown of a URL with credentials. Any other text there may be a part of them.
const SCHEMES: [&str; 3] = ["http://", "https://", "unix://"];

/// A URL as it was given, which may be malformed. `Display` and `Debug` mask what may be a secret: everything up to the last `@`, and
/// everything from the first `?` or `#` on. A password may contain any character, so where the parts of the URL begin is not relied on.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Url(String);

impl Url {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The path of the Unix socket that it is.
    #[cfg(feature = "otlp-http")]
    pub(crate) fn socket(&self) -> Option<&str> {
        self.0.strip_prefix(SOCKET)
    }

    /// All of it, to send to.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The user and the password.
    #[cfg(feature = "otlp-http")]
    pub(crate) fn credentials(&self) -> Option<&str> {
        Some(&self.0[self.scheme().len()..self.0.rfind('@')?])
    }

    /// The scheme with the `://`, if it is one of [`SCHEMES`].
    fn scheme(&self) -> &str {
        let is_scheme = |scheme: &&&str| self.0.get(..scheme.len()).is_some_and(|own| own.eq_ignore_ascii_case(scheme));
        SCHEMES.iter().find(is_scheme).map_or("", |scheme| &self.0[..scheme.len()])
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.find(['?', '#']).unwrap_or(self.0.len());
        let (text, hidden) = self.0.split_at(end);
        match self.0.rfind('@') {
            None => f.write_str(text)?,
            // What precedes the `@` has a `?` or `#`, so the host cannot be told from the rest.
            Some(at) if at > end => return write!(f, "{}***", self.scheme()),
            Some(at) => write!(f, "{}***{}", self.scheme(), &text[at..])?,
        }
        match hidden.chars().next() {
            Some(mark) => write!(f, "{mark}***"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// A host without the brackets that an IPv6 address may be in.
pub(crate) fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// `host` or `host:port`, the host being a name, an IPv4 address, or an IPv6 address in brackets.
pub(crate) fn is_authority(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            let plain = address.parse::<std::net::Ipv6Addr>().is_ok();
            (plain, if rest.is_empty() { None } else { Some(rest.strip_prefix(':').unwrap_or("")) })
        }
        None => match text.split_once(':') {
            Some((host, port)) => (is_host(host), Some(port)),
            None => (is_host(text), None),
        },
    };
    host && port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

/// A host name, or an IPv4 address.
pub(crate) fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}
