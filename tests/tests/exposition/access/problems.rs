//! Settings and files that cannot be used, and secrets in messages.

use phoenix_otel::ExporterState;
use phoenix_otel_tests::rerun::{self, is_child};
use phoenix_otel_tests::{isolated, this_test};

use super::*;

/// Certificates of one authority in a folder, and a file that names them.
fn files() -> Authority {
    let authority = Authority::new();
    authority.signed("localhost");
    authority
}

const GOOD: &str = "tls_server_config:\n  cert_file: localhost.pem\n  key_file: localhost.key\n";

#[test]
fn a_file_that_cannot_be_used_is_an_error_of_init() {
    isolated!();
    let authority = files();
    let (_, other_key) = authority.issue("other");
    authority.write("other.key", &other_key);
    authority.write("garbage", "no PEM in here");
    authority.write("one-line.key", "-----BEGIN PRIVATE KEY-----s3cretbase64-----END PRIVATE KEY-----");
    authority.write("long", &"#".repeat((1 << 20) + 1));
    let good = |from: &str, to: &str| GOOD.replace(from, to);
    let mutual = format!("{GOOD}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: garbage\n");
    for (yaml, expected) in [
        (
            good("localhost.key", "missing.key"),
            &["web.yml:3:13: tls_server_config.key_file", "missing.key", "a file that can be read"][..],
        ),
        (
            good("localhost.pem", "garbage"),
            &["web.yml:2:14: tls_server_config.cert_file", "PEM certificates; the file contains none"],
        ),
        (good("localhost.key", "other.key"), &["web.yml:3:13", "the private key of the certificate"]),
        (good("localhost.key", "one-line.key"), &["web.yml:3:13", "a PEM private key"]),
        (good("localhost.key", "/dev/zero"), &["web.yml:3:13", "a regular file"]),
        (good("localhost.pem", "long"), &["web.yml:2:14", "at most 1 MiB"]),
        (mutual, &["web.yml:5:19: tls_server_config.client_ca_file", "PEM certificates"]),
        (
            format!("{GOOD}  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA265]\n"),
            &["web.yml:4:19", "\"TLS_RSA_WITH_RC4_128_SHA\"", "did you mean TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256?"],
        ),
        (
            format!("{GOOD}  curve_preferences: [P256]\n"),
            &["web.yml:4:23", "did you mean CurveP256?", "X25519, CurveP256, CurveP384"],
        ),
        (
            format!("{GOOD}  max_version: TLS12\n  cipher_suites: [TLS_AES_128_GCM_SHA256]\n"),
            &["versions, cipher suites and curves that fit each other"],
        ),
    ] {
        let file = authority.write("web.yml", &yaml);
        let endpoint = Prometheus::new().port(0).web_config_file(file);
        let error = phoenix_otel::builder("access").exporter(endpoint).init().expect_err("an invalid file").to_string();
        assert!(expected.iter().all(|text| error.contains(text)), "{yaml}\n{error}");
        assert!(!error.contains("s3cretbase64"), "{error}");
    }
    let missing = Prometheus::new().port(0).web_config_file(authority.folder().join("missing.yml"));
    let error = phoenix_otel::builder("access").exporter(missing).init().expect_err("no file").to_string();
    assert!(error.contains("builder: prometheus: web_config_file") && error.contains("missing.yml"), "{error}");
    // All problems are in one report.
    let endpoint = Prometheus::new()
        .port(0)
        .tls(ServerTls::new("/missing.pem", "/missing.key"))
        .bearer_token_file("/missing.token");
    let error = phoenix_otel::builder("access").exporter(endpoint).init().expect_err("no files").to_string();
    assert!(["/missing.pem", "/missing.key", "/missing.token"].iter().all(|path| error.contains(path)), "{error}");
}

/// It would serve without the protection that is configured.
#[test]
fn an_endpoint_does_not_listen_if_the_file_of_a_variable_cannot_be_used() {
    isolated!();
    let authority = files();
    let file = authority.write("web.yml", "basic_auth_usres: {}");
    let builder = |file: &str| {
        phoenix_otel::builder("access")
            .exporter("prometheus")
            .environment([("PHOENIX_OTEL_WEB_CONFIG_FILE", file), ("OTEL_EXPORTER_PROMETHEUS_PORT", "0")])
    };
    for (file, expected) in
        [(&*file, "did you mean basic_auth_users?"), ("/missing.yml", "PHOENIX_OTEL_WEB_CONFIG_FILE")]
    {
        let telemetry = builder(file).init().expect("the service starts");
        assert_eq!(telemetry.scrape_address(), None);
        let health = telemetry.health();
        assert_eq!(health.exporter("prometheus").map(|exporter| exporter.state), Some(ExporterState::Unavailable));
        assert!(health.to_string().contains(expected), "{health}");
        telemetry.shutdown();
        let error = builder(file).strict().init().expect_err("a strict service fails").to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_file_that_sets_nothing_is_reported() {
    const EMPTY: &str = "the web configuration file sets nothing";
    if !is_child() {
        let (_, said) = rerun::run(this_test!(), &[]);
        assert_eq!(said.matches(EMPTY).count(), 2, "{said}");
        assert!(said.contains("empty.yml") && said.contains("comment.yml"), "{said}");
        return;
    }
    let authority = files();
    let protected = Prometheus::new().port(0).bearer_token("s3cret");
    for (endpoint, file, yaml) in [
        (Prometheus::new().port(0), "empty.yml", ""),
        (Prometheus::new().port(0), "comment.yml", "# basic_auth_users:\n"),
        (Prometheus::new().port(0), "limit.yml", "rate_limit: {interval: 1s, burst: 100}\n"),
        (protected, "protected.yml", ""),
    ] {
        let endpoint = endpoint.web_config_file(authority.write(file, yaml));
        phoenix_otel::builder("access")
            .without_subscriber()
            .exporter(endpoint)
            .init()
            .expect("a valid file")
            .shutdown();
    }
}

#[test]
fn without_a_listener_protection_in_code_is_an_error() {
    isolated!();
    let authority = files();
    for endpoint in [
        Prometheus::new().basic_auth("prometheus", HASH),
        Prometheus::new().bearer_token("t0ken"),
        Prometheus::new().tls(server_tls(&authority)),
        Prometheus::new().web_config_file(authority.write("web.yml", GOOD)),
    ] {
        let builder = phoenix_otel::builder("access").exporter(endpoint).without_listener();
        let error = builder.init().expect_err("nothing would use it").to_string();
        assert!(error.contains("without_listener"), "{error}");
    }
    // A variable can be set for many services.
    let file = authority.write("web.yml", GOOD);
    let builder = phoenix_otel::builder("access").exporter("prometheus").without_listener();
    drop(builder.environment([("PHOENIX_OTEL_WEB_CONFIG_FILE", file)]).init().expect("the service starts"));
}

#[test]
fn no_secret_is_shown() {
    isolated!();
    let authority = files();
    let (_, key) = authority.issue("localhost");
    let inline =
        format!("tls_server_config:\n  cert_file: localhost.pem\n  key: |\n    {}", key.replace('\n', "\n    "));
    let web = authority.write("web.yml", &inline);
    let token_file = authority.write("token", "t0ken-of-a-file");
    let secrets = [HASH, OTHER_HASH, PASSWORD, "t0ken-of-code", "t0ken-of-a-file", &key[30..80]];
    let hide = |what: &str, text: &str| {
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{what}: {text}");
    };
    let endpoint = || {
        let users = Prometheus::new().basic_auth("prometheus", HASH).basic_auth("grafana", OTHER_HASH);
        users.bearer_token("t0ken-of-code").bearer_token_file(&token_file).host("127.0.0.1").port(0)
    };
    hide("the endpoint", &format!("{:?}", endpoint().web_config_file(&web)));
    hide("the key in place of its path", &format!("{:?}", ServerTls::new("x", &key)));
    let builder = phoenix_otel::builder("access").exporter(endpoint().web_config_file(&web));
    hide("the builder", &format!("{builder:?}"));
    // The key does not fit the certificate.
    hide("the error", &builder.init().expect_err("another key").to_string());
    let error = phoenix_otel::builder("access").exporter(endpoint().tls(ServerTls::new("x", &key))).init();
    hide("the error of a key in place of its path", &error.expect_err("no such path").to_string());
    let (telemetry, address) = served(endpoint());
    hide("the telemetry", &format!("{telemetry:?}"));
    let client = Client::plain();
    for path in ["/api/v1/about", "/metrics", "/healthz", "/api/v1/history"] {
        hide(path, &client.get_with(address, path, &basic("prometheus", PASSWORD)).body);
        hide(path, &format!("{:?}", client.get_with(address, path, "Bearer t0ken-of-c")));
    }
}
