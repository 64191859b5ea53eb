//! TLS and client certificates.

use phoenix_otel::{ClientAuth, TlsVersion};
use phoenix_otel_tests::isolated;
use rustls::CipherSuite;
use rustls::version::{TLS12, TLS13};

use super::*;

#[test]
fn everything_is_served_over_tls_only() {
    isolated!();
    let authority = Authority::new();
    let (_telemetry, address) = served(Prometheus::new().tls(server_tls(&authority)));
    let client = Client::trusting(&authority);
    for path in ["/metrics", "/healthz", "/", "/api/v1/about"] {
        assert_eq!(client.get(address, path, &[]).expect("a response").status, 200, "{path}");
    }
    let plain = Client::plain().get(address, "/metrics", &[]).expect("a response");
    assert_eq!((plain.status, &*plain.body), (400, "Client sent an HTTP request to an HTTPS server.\n"));
    assert_eq!(plain.header("content-length"), plain.body.len().to_string());
    // A client that trusts another authority.
    Client::trusting(&Authority::new()).get(address, "/metrics", &[]).expect_err("an unknown authority");
    assert_eq!(client.get(address, "/metrics", &[]).expect("a response").status, 200);
}

#[test]
fn versions_suites_and_curves_are_limited() {
    isolated!();
    let authority = Authority::new();
    let suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
    let other = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let of = |versions: &[&'static _], suites: &[CipherSuite]| Client::with(&authority, None, versions, suites);
    let (only_12, only_13) = (of(&[&TLS12], &[]), of(&[&TLS13], &[]));
    let named = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    let tls = || server_tls(&authority);
    for (tls, served_clients, refused) in [
        (tls(), vec![&only_12, &only_13], vec![]),
        (tls().min_version(TlsVersion::Tls13), vec![&only_13], vec![&only_12]),
        (tls().max_version(TlsVersion::Tls12), vec![&only_12], vec![&only_13]),
        // Suites of TLS 1.3 stay, as in Prometheus.
        (tls().cipher_suite(named), vec![&of(&[&TLS12], &[suite]), &only_13], vec![&of(&[&TLS12], &[other])]),
        (tls().curve_preference("CurveP384"), vec![&only_12, &only_13], vec![]),
    ] {
        let (_telemetry, address) = served(Prometheus::new().tls(tls.clone()));
        for client in served_clients {
            assert_eq!(client.get(address, "/metrics", &[]).expect("a response").status, 200, "{tls:?}");
        }
        for client in refused {
            client.get(address, "/metrics", &[]).expect_err("no common version or suite");
        }
    }
}

#[test]
fn a_client_needs_a_valid_certificate() {
    isolated!();
    let authority = Authority::new();
    let ca = authority.certificate();
    let client = |identity| Client::identified(&authority, &identity);
    let (none, valid) = (Client::trusting(&authority), client(authority.issue("client")));
    let expired = client(authority.issue_expired("client"));
    let foreign = client(Authority::new().issue("client"));
    let (required, optional) = (
        server_tls(&authority).client_ca(&ca),
        server_tls(&authority).client_ca(ca).client_auth(ClientAuth::VerifyIfGiven),
    );
    for (tls, without_a_certificate) in [(required, false), (optional, true)] {
        let (_telemetry, address) = served(Prometheus::new().tls(tls.clone()));
        for path in ["/metrics", "/healthz", "/", "/api/v1/about"] {
            assert_eq!(valid.get(address, path, &[]).expect("a response").status, 200, "{tls:?}");
            assert_eq!(none.get(address, path, &[]).is_ok(), without_a_certificate, "{tls:?}");
            for refused in [&expired, &foreign] {
                refused.get(address, path, &[]).expect_err("an invalid certificate");
            }
        }
    }
}

#[test]
fn a_client_certificate_needs_an_allowed_name() {
    isolated!();
    let authority = Authority::new();
    let tls = server_tls(&authority).client_ca(authority.certificate());
    let tls = tls
        .client_allowed_san("prometheus.svc")
        .client_allowed_san("10.0.0.7")
        .client_allowed_san("spiffe://a/prometheus");
    let (_telemetry, address) = served(Prometheus::new().tls(tls));
    for (name, is_served) in [
        ("prometheus.svc", true),
        ("10.0.0.7", true),
        ("spiffe://a/prometheus", true),
        ("prometheus.svc.example", false),
        ("Prometheus.svc", false),
        // Names are compared as texts, as in Prometheus.
        ("*.svc", false),
        ("10.0.0.8", false),
        ("spiffe://a/prometheus/", false),
    ] {
        let client = Client::identified(&authority, &authority.issue(name));
        assert_eq!(client.get(address, "/metrics", &[]).is_ok(), is_served, "{name}");
    }
    Client::trusting(&authority).get(address, "/metrics", &[]).expect_err("no certificate");
}

/// A certificate opens the connection, and the password the request.
#[test]
fn a_certificate_does_not_replace_a_password() {
    isolated!();
    let authority = Authority::new();
    let tls = server_tls(&authority).client_ca(authority.certificate());
    let (_telemetry, address) = served(Prometheus::new().tls(tls).basic_auth("prometheus", HASH));
    let client = Client::identified(&authority, &authority.issue("client"));
    assert_eq!(client.get(address, "/metrics", &[]).expect("a response").status, 401);
    assert_eq!(client.get_with(address, "/metrics", &basic("prometheus", PASSWORD)).status, 200);
}
