//! The file, in the format of Prometheus' web configuration.
//!
//! All keys of that format are read. A value that the endpoint does not support is a problem: no part of the file is ignored.

use super::reader::Reader;
use super::tls::{Named, Pem, PemSource, TlsDraft};
use super::{RateLimit, WebConfig, check_user, duration};
use crate::config::NamedFile;
use crate::config::file::yaml::{self, Node, Position, Value};
use crate::config::options::{ClientAuth, TlsVersion};
use crate::config::problem::Problems;
use crate::config::secret::Secret;

const ROOT: [&str; 4] = ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"];
const TLS: [&str; 13] = [
    "cert",
    "key",
    "client_ca",
    "cert_file",
    "key_file",
    "client_auth_type",
    "client_ca_file",
    "client_allowed_sans",
    "min_version",
    "max_version",
    "cipher_suites",
    "prefer_server_cipher_suites",
    "curve_preferences",
];
const CLIENT_AUTH: [(&str, ClientAuth); 3] = [
    ("NoClientCert", ClientAuth::None),
    ("VerifyClientCertIfGiven", ClientAuth::VerifyIfGiven),
    ("RequireAndVerifyClientCert", ClientAuth::RequireAndVerify),
];
const VERSIONS: [(&str, TlsVersion); 2] = [("TLS12", TlsVersion::Tls12), ("TLS13", TlsVersion::Tls13)];
/// The headers that the format allows, and their values. Without values, any value is allowed.
const HEADERS: [(&str, &[&str]); 5] = [
    ("Content-Security-Policy", &[]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-XSS-Protection", &[]),
    ("Strict-Transport-Security", &[]),
];

/// Parses the text of a file.
///
/// # Errors
///
/// All problems.
pub(super) fn parse(text: &str, file: &NamedFile) -> Result<WebConfig, Problems> {
    let mut reader = Reader::new(file);
    let mut config = WebConfig::default();
    match yaml::parse(text, None) {
        Ok(root) => {
            for entry in reader.map(&root, "", &ROOT) {
                let (node, path) = (&entry.node, &*entry.key);
                match path {
                    "tls_server_config" => {
                        let before = reader.problems.len();
                        let tls = tls(&mut reader, node, file);
                        // A setting that cannot be read would be reported as absent, too.
                        if tls.is_enabled() && reader.problems.len() == before {
                            config.tls = tls.finish(&mut reader.problems);
                        }
                    }
                    "http_server_config" => http(&mut reader, node, &mut config),
                    "basic_auth_users" => users(&mut reader, node, &mut config),
                    _ => config.rate_limit = rate_limit(&mut reader, node),
                }
            }
        }
        Err(faults) => faults.into_iter().for_each(|fault| reader.fault(fault)),
    }
    if reader.problems.is_empty() {
        return Ok(config);
    }
    let problems = std::mem::take(&mut reader.problems);
    Err(Problems::of_file(problems, || reader.setting(Position { line: 1, column: 1 }, "")))
}

fn tls(reader: &mut Reader<'_>, node: &Node, file: &NamedFile) -> TlsDraft {
    const PATH: &str = "tls_server_config";
    let mut tls = TlsDraft::new(reader.setting(node.position, PATH));
    for entry in reader.map(node, PATH, &TLS) {
        let (node, path) = (&entry.node, &*format!("{PATH}.{}", entry.key));
        let setting = reader.setting(node.position, path);
        match &*entry.key {
            "cert_file" | "key_file" | "client_ca_file" | "cert" | "key" | "client_ca" => {
                let Some(text) = reader.text(node, path).filter(|text| !text.is_empty()) else { continue };
                let is_file = entry.key.ends_with("_file");
                let pem = if is_file { Pem::File(file.path.beside(text)) } else { Pem::Text(Secret::new(text)) };
                let slot = match &*entry.key {
                    "cert" | "cert_file" => &mut tls.certificate,
                    "key" | "key_file" => &mut tls.key,
                    _ => &mut tls.client_ca,
                };
                if slot.is_some() {
                    let base = entry.key.trim_end_matches("_file");
                    reader.problem(node, path, &entry.key, format!("{base} or {base}_file, not both"));
                }
                *slot = Some(PemSource { setting, pem });
            }
            "client_auth_type" => {
                const ALLOWED: &str = "NoClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert; the other types of Prometheus accept \
                                       certificates of any authority";
                if node.as_str() != Some("") {
                    tls.client_auth = reader.choice(node, path, &CLIENT_AUTH, ALLOWED);
                }
            }
            "client_allowed_sans" => tls.allowed_sans = named(reader, node, path),
            "min_version" => tls.min_version = version(reader, node, path),
            "max_version" => tls.max_version = version(reader, node, path),
            "cipher_suites" => tls.cipher_suites = named(reader, node, path),
            "curve_preferences" => tls.curve_preferences = named(reader, node, path),
            // Prometheus reads `prefer_server_cipher_suites` and ignores it, too.
            _ => _ = reader.boolean(node, path),
        }
    }
    tls
}

fn version(reader: &mut Reader<'_>, node: &Node, path: &str) -> Option<TlsVersion> {
    reader.choice(node, path, &VERSIONS, "TLS12, TLS13; older versions are insecure and not supported")
}

fn named(reader: &mut Reader<'_>, node: &Node, path: &str) -> Vec<Named> {
    let texts = reader.texts(node, path);
    texts.into_iter().map(|(setting, name)| Named { setting, name: name.to_owned() }).collect()
}

fn http(reader: &mut Reader<'_>, node: &Node, config: &mut WebConfig) {
    const PATH: &str = "http_server_config";
    for entry in reader.map(node, PATH, &["http2", "headers"]) {
        let (node, path) = (&entry.node, &*format!("{PATH}.{}", entry.key));
        if entry.key == "http2" {
            if reader.boolean(node, path) == Some(true) {
                reader.problem(node, path, "true", "false; the endpoint serves HTTP/1.1 only");
            }
            continue;
        }
        for header in reader.map(node, path, &HEADERS.map(|(name, _)| name)) {
            let Some((name, values)) = HEADERS.iter().find(|(name, _)| *name == header.key) else { continue };
            let path = format!("{path}.{name}");
            let Some(value) = reader.text(&header.node, &path) else { continue };
            let is_listed = values.is_empty() || values.contains(&value);
            if is_listed && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
                // A blank value leaves the header out.
                if !value.trim().is_empty() {
                    config.headers.push((name, value.to_owned()));
                }
            } else {
                let allowed = if is_listed { "visible ASCII characters".to_owned() } else { values.join(", ") };
                reader.problem(&header.node, &path, value, allowed);
            }
        }
    }
}

fn users(reader: &mut Reader<'_>, node: &Node, config: &mut WebConfig) {
    const PATH: &str = "basic_auth_users";
    for entry in reader.any_map(node, PATH) {
        let setting = reader.setting(entry.position, PATH);
        // Not a message of `Reader::text`: a hash in a wrong place stays hidden.
        let hash = Secret::new(entry.node.as_str().unwrap_or_default());
        config.users.extend(check_user(&setting, &entry.key, hash, &mut reader.problems));
    }
}

fn rate_limit(reader: &mut Reader<'_>, node: &Node) -> Option<RateLimit> {
    const PATH: &str = "rate_limit";
    let (mut interval, mut burst) = (None, 0);
    for entry in reader.map(node, PATH, &["interval", "burst"]) {
        let (node, path) = (&entry.node, &*format!("{PATH}.{}", entry.key));
        if entry.key == "burst" {
            match integer(node).and_then(|burst| u32::try_from(burst).ok()) {
                Some(read) => burst = read,
                None => reader.problem(node, path, &shown(node), "a whole number of at least 0"),
            }
        } else {
            interval = if integer(node) == Some(0) {
                Some(Default::default())
            } else {
                node.as_str().and_then(duration::parse)
            };
            if interval.is_none() {
                reader.problem(node, path, &shown(node), "a duration such as 1s or 100ms; 0 for no limit");
            }
        }
    }
    interval.filter(|interval| !interval.is_zero()).map(|interval| RateLimit { interval, burst })
}

fn integer(node: &Node) -> Option<i64> {
    match node.value {
        Value::Int(value) => Some(value),
        _ => None,
    }
}

/// A scalar for a message.
fn shown(node: &Node) -> String {
    match (node.as_str(), node.as_f64()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(number)) => number.to_string(),
        _ => node.value.kind().to_owned(),
    }
}
