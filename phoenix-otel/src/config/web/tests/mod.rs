//! The reader of `web.yml`: what it supports, and the message for everything else.

mod cases;
mod properties;

use super::*;
use crate::config::environment::Environment;
use crate::config::options::{ClientAuth, ServerTls, TlsVersion};
use crate::config::setting::FileLocation;

/// A hash of exporter-toolkit's documentation.
pub(super) const HASH: &str = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

fn source(options: &options::Prometheus) -> Result<WebSource, String> {
    let environment = Environment::from_map(Default::default());
    WebSource::resolve(&mut Env::new(&environment), "prometheus", options)
}

/// Reads a file that code names.
pub(super) fn read(yaml: &str) -> Result<WebConfig, Problems> {
    source(&options::Prometheus::new().web_config_file("/etc/web.yml")).unwrap().parse(Some(yaml))
}

/// The setting at a place of that file: `line:column: key`.
fn at(place: &str) -> Setting {
    let (position, key) = place.split_once(": ").unwrap();
    let (line, column) = position.split_once(':').unwrap();
    let position = (line.parse().unwrap(), column.parse().unwrap());
    Setting::File(Box::new(FileLocation::new("/etc/web.yml", position, key)))
}

fn file(place: &str, path: &str) -> PemSource {
    PemSource { setting: at(place), pem: Pem::File(PemPath::new(path)) }
}

#[test]
fn every_key_that_is_honoured() {
    let yaml = format!(
        "tls_server_config:
  cert_file: tls.crt
  key_file: /keys/tls.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca/ca.crt
  client_allowed_sans: [prometheus.monitoring.svc, 10.0.0.7, 'spiffe://cluster/prometheus']
  min_version: TLS13
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: true
  curve_preferences:
    - X25519
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ''
    Strict-Transport-Security: max-age=31536000
basic_auth_users:
  prometheus: {HASH}
  grafana: \"{HASH}\"
rate_limit:
  interval: 1s
  burst: 5
"
    );
    let named = |place: &str, name: &str| Named { setting: at(place), name: name.to_owned() };
    let user = |name: &str| User { name: name.to_owned(), hash: Secret::new(HASH) };
    let expected = WebConfig {
        tls: Some(Tls {
            // Relative paths are relative to the file.
            certificate: file("2:14: tls_server_config.cert_file", "/etc/tls.crt"),
            key: file("3:13: tls_server_config.key_file", "/keys/tls.key"),
            client: Some(ClientTls {
                authorities: file("5:19: tls_server_config.client_ca_file", "/etc/ca/ca.crt"),
                required: true,
                allowed_sans: ["prometheus.monitoring.svc", "10.0.0.7", "spiffe://cluster/prometheus"]
                    .map(str::to_owned)
                    .to_vec(),
            }),
            min_version: TlsVersion::Tls13,
            max_version: TlsVersion::Tls13,
            cipher_suites: vec![named(
                "9:19: tls_server_config.cipher_suites",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            )],
            curve_preferences: vec![named("12:7: tls_server_config.curve_preferences", "X25519")],
        }),
        users: vec![user("prometheus"), user("grafana")],
        headers: [
            ("Content-Security-Policy", "default-src 'self'"),
            ("X-Frame-Options", "deny"),
            ("X-Content-Type-Options", "nosniff"),
            ("Strict-Transport-Security", "max-age=31536000"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec(),
        rate_limit: Some(RateLimit { interval: Duration::from_secs(1), burst: 5 }),
        ..WebConfig::default()
    };
    assert_eq!(read(&yaml).unwrap(), expected);
}

/// An empty file, and sections without values, set nothing.
#[test]
fn a_file_may_set_nothing() {
    for yaml in [
        "",
        "# nothing\n",
        "{}",
        "tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n",
        "tls_server_config: {min_version: TLS13}",
        "rate_limit: {interval: 0, burst: 3}",
        "basic_auth_users: {}",
    ] {
        let read = read(yaml).unwrap();
        assert_eq!(read, WebConfig::default(), "{yaml}");
        assert!(!read.knows_clients());
    }
}

#[test]
fn a_certificate_may_be_in_the_file() {
    let pem = "-----BEGIN X-----\n    -----END X-----";
    let config = read(&format!("tls_server_config:\n  cert: |\n    {pem}\n  key: k\n")).unwrap();
    let tls = config.tls.unwrap();
    assert!(matches!(&tls.certificate.pem, Pem::Text(text) if text.expose().starts_with("-----BEGIN X-----\n")));
    let shown = format!("{tls:?} {}", tls.key.problem("a key"));
    assert!(!shown.contains("BEGIN") && !shown.contains("\"k\""), "{shown}");
}

#[test]
fn code_replaces_what_the_file_sets() {
    let tls = ServerTls::new("/code.crt", "/code.key").client_ca("/ca.crt").min_version(TlsVersion::Tls13);
    let options = options::Prometheus::new()
        .web_config_file("web.yml")
        .tls(tls)
        .basic_auth("code", HASH)
        .bearer_token("t0ken")
        .bearer_token_file("/token")
        .open_health(true);
    let yaml = format!(
        "tls_server_config: {{cert_file: a, key_file: b}}\nbasic_auth_users: {{file: {HASH}}}\nrate_limit: {{interval: 1s}}\n"
    );
    let config = source(&options).unwrap().parse(Some(&yaml)).unwrap();
    let tls = config.tls.as_ref().unwrap();
    let in_code = |field: &str, path: &str| PemSource {
        setting: Setting::of_exporter("prometheus", field),
        pem: Pem::File(PemPath::new(path)),
    };
    assert_eq!(
        (&tls.certificate, &tls.key),
        (&in_code("tls: certificate", "/code.crt"), &in_code("tls: key", "/code.key"))
    );
    assert!(tls.client.as_ref().unwrap().required);
    assert_eq!((tls.min_version, tls.max_version), (TlsVersion::Tls13, TlsVersion::Tls13));
    assert_eq!(config.users.iter().map(|user| &*user.name).collect::<Vec<_>>(), ["code"]);
    assert_eq!(config.rate_limit, Some(RateLimit { interval: Duration::from_secs(1), burst: 0 }));
    assert!(config.open_health && config.knows_clients() && config.bearer_token_file.is_some());
    // Without code the file counts.
    let config = source(&options::Prometheus::new().web_config_file("web.yml")).unwrap().parse(Some(&yaml)).unwrap();
    assert_eq!(config.tls.unwrap().certificate.pem, Pem::File(PemPath::new("a")));
    assert_eq!(config.users[0].name, "file");
}

#[test]
fn a_client_certificate_is_known_only_if_it_is_required() {
    let tls = |auth| options::Prometheus::new().tls(ServerTls::new("c", "k").client_ca("ca").client_auth(auth));
    for (auth, knows) in [(ClientAuth::RequireAndVerify, true), (ClientAuth::VerifyIfGiven, false)] {
        assert_eq!(source(&tls(auth)).unwrap().parse(None).unwrap().knows_clients(), knows, "{auth:?}");
    }
    assert!(source(&tls(ClientAuth::None)).unwrap_err().contains("client_auth_type"));
}

#[test]
fn invalid_values_in_code_are_errors() {
    let new = options::Prometheus::new;
    for (options, expected) in [
        (
            new().basic_auth("a:b", HASH),
            "builder: prometheus: basic_auth: invalid value (not shown: it may be a secret); allowed: a user name without `:` and control characters",
        ),
        (
            new().basic_auth("a", "s3cret"),
            "builder: prometheus: basic_auth: invalid value (not shown: it may be a secret); allowed: for the user \"a\" a bcrypt hash with a \
             cost from 4 to 20, such as `htpasswd -nBC 10 a` prints",
        ),
        (
            new().bearer_token("two words"),
            "builder: prometheus: bearer_token: invalid value (not shown: it may be a secret); allowed: a token of visible ASCII characters",
        ),
        (
            new().tls(ServerTls::new("c", "k").min_version(TlsVersion::Tls13).max_version(TlsVersion::Tls12)),
            "builder: prometheus: tls: invalid value \"a min_version above max_version\"; allowed: a min_version that is not above max_version",
        ),
    ] {
        assert_eq!(source(&options).unwrap_err(), expected);
    }
}

/// A variable cannot open an endpoint that it should close: the exporter does not listen.
#[test]
fn a_file_of_a_variable_can_be_ignored_only_as_a_whole() {
    let variables = [(FILE.to_owned(), "web.yml".into())];
    let environment = Environment::from_map(variables.into());
    let source = WebSource::resolve(&mut Env::new(&environment), "prometheus", &options::Prometheus::new()).unwrap();
    let problems = source.parse(Some("basic_auth_usres: {}")).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "  web.yml:1:1: invalid value \"basic_auth_usres\" (did you mean basic_auth_users?); allowed: the keys tls_server_config, \
         http_server_config, basic_auth_users, rate_limit"
    );
    assert!(problems.iter().all(Problem::can_be_ignored));
    // Code takes precedence, and its file is required.
    let source =
        WebSource::resolve(&mut Env::new(&environment), "prometheus", &options::Prometheus::new().web_config_file("x"));
    assert!(!source.unwrap().parse(Some("?")).unwrap_err().iter().any(Problem::can_be_ignored));
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_does_not_open_the_endpoint() {
    use std::os::unix::ffi::OsStringExt as _;

    let variables = [(FILE.to_owned(), std::ffi::OsString::from_vec(b"\xff.yml".to_vec()))];
    let environment = Environment::from_map(variables.into());
    let mut env = Env::new(&environment);
    let error = WebSource::resolve(&mut env, "prometheus", &options::Prometheus::new()).unwrap_err();
    assert!(error.contains(FILE) && error.contains("UTF-8"), "{error}");
    let instead: Vec<_> = env.finish().iter().map(|problem| problem.fallback().map(str::to_owned)).collect();
    assert_eq!(instead, [Some("nothing; exporter `prometheus` fails every export".to_owned())]);
}

#[test]
fn tokens_of_a_file() {
    let file = NamedFile { setting: Setting::builder("builder: x"), path: PemPath::new("/token") };
    let read =
        |text: &str| tokens(&file, text).map(|all| all.iter().map(|one| one.expose().to_owned()).collect::<Vec<_>>());
    assert_eq!(read("one\n").unwrap(), ["one"]);
    assert_eq!(read("  new \r\n\nold").unwrap(), ["new", "old"]);
    for text in ["", "\n\n", "two words", "schlüssel"] {
        let problem = read(text).unwrap_err().to_string();
        assert!(problem.contains("/token") && (text.trim().is_empty() || !problem.contains(text)), "{problem}");
    }
}
