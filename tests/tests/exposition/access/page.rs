//! Where the live page is served.

use phoenix_otel::Page;
use phoenix_otel_tests::isolated;

use super::*;

const PAGE: [&str; 5] = ["/", "/page.js", "/api/v1/about", "/api/v1/history", "/api/v1/metrics"];

/// Starts an endpoint that listens on all addresses.
fn everywhere(endpoint: Prometheus, page: &str) -> (Telemetry, SocketAddr) {
    let builder = phoenix_otel::builder("access").exporter(endpoint.host("0.0.0.0").port(0));
    started(builder.environment([("PHOENIX_OTEL_PAGE", page)]))
}

#[test]
fn behind_authentication_the_page_is_served_off_loopback() {
    isolated!();
    let authority = Authority::new();
    let mutual = Prometheus::new().tls(server_tls(&authority).client_ca(authority.certificate()));
    let one_way = Prometheus::new().tls(server_tls(&authority));
    let (plain, tls) = (Client::plain(), Client::trusting(&authority));
    let identified = Client::identified(&authority, &authority.issue("client"));
    let (password, token) = (basic("prometheus", PASSWORD), "Bearer t0ken");
    let by_password = || Prometheus::new().basic_auth("prometheus", HASH);
    for (endpoint, page, client, authorization, status) in [
        (by_password(), "", &plain, &*password, 200),
        (by_password(), "authenticated", &plain, &password, 200),
        (by_password(), "true", &plain, &password, 200),
        (by_password(), "loopback", &plain, &password, 404),
        (by_password(), "false", &plain, &password, 404),
        (Prometheus::new().bearer_token("t0ken"), "", &plain, token, 200),
        (mutual, "", &identified, "", 200),
        // TLS alone does not say who the client is.
        (one_way.clone(), "", &tls, "", 404),
        (one_way, "true", &tls, "", 200),
        (Prometheus::new(), "authenticated", &plain, "", 404),
    ] {
        let without = if authorization.is_empty() { status } else { 401 };
        let (_telemetry, address) = everywhere(endpoint, page);
        for path in PAGE {
            assert_eq!(client.get_with(address, path, authorization).status, status, "{page} {path}");
            assert_eq!(client.get(address, path, &[]).expect("a response").status, without, "{page} {path}");
        }
    }
}

/// Cookies and passwords that a browser sends by itself open nothing for pages of other sites.
#[test]
fn host_names_and_other_sites_are_checked_behind_authentication_too() {
    isolated!();
    let authority = Authority::new();
    let endpoint = Prometheus::new().tls(server_tls(&authority)).basic_auth("prometheus", HASH).host("0.0.0.0").port(0);
    let page = Page::new().host("orchestrator.example");
    let builder = phoenix_otel::builder("access").exporter(endpoint).page(page);
    let (_telemetry, address) = started(builder.environment::<&str, &str>([]));
    let client = Client::trusting(&authority);
    let send = |path: &str, headers: &str| {
        let authorization = basic("prometheus", PASSWORD);
        let request =
            format!("GET {path} HTTP/1.1\r\nConnection: close\r\nAuthorization: {authorization}\r\n{headers}\r\n");
        client.send(address, &request).expect("a response").status
    };
    for path in PAGE {
        assert_eq!(send(path, "Host: orchestrator.example\r\n"), 200, "{path}");
        assert_eq!(send(path, "Host: evil.example\r\n"), 403, "{path}");
    }
    let own = "Host: orchestrator.example:9464\r\nOrigin: https://orchestrator.example:9464\r\n";
    assert_eq!(send("/api/v1/metrics", own), 200);
    assert_eq!(send("/api/v1/metrics", "Host: orchestrator.example\r\nOrigin: https://evil.example\r\n"), 403);
    assert_eq!(send("/api/v1/metrics", "Host: orchestrator.example\r\nSec-Fetch-Site: cross-site\r\n"), 403);
    assert_eq!(send("/metrics", "Host: any.example\r\n"), 200, "a scrape works under any name");
}
