//! The endpoint of OTLP exporters. The rules are in the OpenTelemetry specification, "OpenTelemetry Protocol Exporter".

use std::fmt;

use super::model::{Protocol, Signal};

/// The allowed endpoints for OTLP over HTTP.
pub(crate) const ALLOWED_HTTP: &str = "a URL like http://host:4318, with scheme http or https and without credentials; on Unix also a socket \
     by its absolute path, like unix:///run/otel.sock";
/// The allowed endpoints for OTLP over gRPC.
pub(crate) const ALLOWED_GRPC: &str = "host:port, or a URL like http://host:4317, with scheme http or https and without credentials; on Unix also a \
     socket by its absolute path, like unix:///run/otel.sock";

/// The allowed endpoints without TLS. For gRPC, an endpoint without a scheme is https.
pub(super) const NEEDS_TLS: &str =
    "an endpoint that begins with http://; https needs the feature `tls` of phoenix-otel, which is not compiled in";

/// Whether an endpoint is a base URL or a full URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A full URL: for HTTP it is used unchanged.
    Whole,
    /// A base URL for all signals: for HTTP, the path of the signal is appended.
    Base,
    /// A base URL that may already end with the path of a signal.
    BaseOrWhole,
}

/// The default endpoint of a protocol.
pub(crate) fn default(protocol: Protocol, signal: Signal) -> Url {
    Url(match protocol {
        Protocol::Grpc => "http://localhost:4317".to_owned(),
        Protocol::HttpProtobuf => format!("http://localhost:4318{}", signal.path()),
    })
}

/// The URL of an endpoint. `None` if the text is not a valid endpoint.
///
/// For gRPC the path is removed. Without a scheme, `insecure` selects http or https.
pub(crate) fn resolve(text: &str, protocol: Protocol, form: Form, insecure: bool, signal: Signal) -> Option<String> {
    // The characters of RFC 3986 without `#`: a fragment is never sent.
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
            // An endpoint in code is for all signals, even if it is the full URL for metrics.
            let base = path.strip_suffix(Signal::Metrics.path()).unwrap_or(path);
            let base = base.strip_suffix(own).unwrap_or(base);
            format!("{}{own}", base.trim_end_matches('/'))
        }
        _ if path.is_empty() => "/".to_owned(),
        _ => path.to_owned(),
    };
    Some(format!("{scheme}://{authority}{path}{query}"))
}

/// The scheme of Unix sockets.
const SOCKET: &str = "unix://";

/// The URL of a Unix socket, from the text after `unix:`. It contains only the path of the socket. There is no TLS, and the path of the signal
/// is added to each request.
fn socket(text: &str) -> Option<String> {
    let path = text.strip_prefix("//").unwrap_or(text);
    let is_path = path.starts_with('/') && !path.ends_with('/') && !path.starts_with("//") && !path.contains('?');
    (cfg!(unix) && is_path).then(|| format!("{SOCKET}{path}"))
}

/// The schemes that are shown for a URL with credentials. Any other text before `://` may be a part of the credentials.
const SCHEMES: [&str; 3] = ["http://", "https://", "unix://"];

/// An endpoint as it was set, which may be malformed. `Display` and `Debug` mask possible secrets: everything up to the last `@`, and everything
/// from the first `?` or `#` on. A password can contain any character, so the mask does not depend on how the URL is parsed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Url(String);

impl Url {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The path, if the endpoint is a Unix socket.
    #[cfg(feature = "otlp-http")]
    pub(crate) fn socket(&self) -> Option<&str> {
        self.0.strip_prefix(SOCKET)
    }

    /// The full URL with its secrets, to send requests to.
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
            // The text before the `@` contains a `?` or `#`, so it is not clear where the host begins.
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

/// A host without the brackets of an IPv6 address.
pub(crate) fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Whether a text is `host` or `host:port`. The host is a name, an IPv4 address, or an IPv6 address in brackets.
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

/// Whether a text is a host name or an IPv4 address.
pub(crate) fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}
