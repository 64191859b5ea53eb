//! Passwords and tokens.

use phoenix_otel_tests::isolated;

use super::*;

/// Every path, also one that does not exist.
const PATHS: [&str; 6] = ["/metrics", "/healthz", "/", "/page.js", "/api/v1/about", "/nothing"];

#[test]
fn a_password_is_needed_for_every_path() {
    isolated!();
    let (telemetry, address) =
        served(Prometheus::new().basic_auth("prometheus", HASH).basic_auth("grafana", OTHER_HASH));
    let client = Client::plain();
    for path in PATHS {
        let expected = if path == "/nothing" { 404 } else { 200 };
        assert_eq!(client.get_with(address, path, &basic("prometheus", PASSWORD)).status, expected, "{path}");
        assert_eq!(client.get_with(address, path, &basic("grafana", "0ther")).status, expected, "{path}");
        let none = client.get(address, path, &[]).expect("a response");
        assert_eq!(
            (none.status, &*none.header("www-authenticate")),
            (401, r#"Basic realm="metrics", charset="UTF-8""#)
        );
        assert_eq!(none.body, "unauthorized: a valid password or token is required\n");
        for wrong in [
            basic("prometheus", "0ther"),
            basic("grafana", PASSWORD),
            basic("prometheus", ""),
            basic("nobody", PASSWORD),
            basic("nobody", "fakepassword"),
            basic("", ""),
            // The hash is not a valid password.
            basic("prometheus", HASH),
            format!("Bearer {PASSWORD}"),
            "Basic".to_owned(),
            "Basic !".to_owned(),
            String::new(),
        ] {
            assert_eq!(client.get_with(address, path, &wrong).status, 401, "{path} {wrong}");
        }
    }
    let head = "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = client.send(address, head).expect("a response");
    assert_eq!((answer.status, &*answer.body), (401, ""));
    let post = "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert_eq!(client.send(address, post).expect("a response").status, 401);
    // A rejected request does not count as a scrape: it would show the endpoint as failing.
    assert!(telemetry.health().is_healthy(), "{}", telemetry.health());
}

#[test]
fn a_token_is_needed_for_every_path() {
    isolated!();
    let authority = Authority::new();
    let file = authority.write("token", "fr0m-the-file\n");
    let endpoint = Prometheus::new().bearer_token("fr0m-code").bearer_token_file(&file);
    let (_telemetry, address) = served(endpoint.basic_auth("prometheus", HASH));
    let client = Client::plain();
    for path in PATHS {
        let expected = if path == "/nothing" { 404 } else { 200 };
        for right in ["Bearer fr0m-code", "bearer  fr0m-the-file", &basic("prometheus", PASSWORD)] {
            assert_eq!(client.get_with(address, path, right).status, expected, "{path} {right}");
        }
        for wrong in ["Bearer", "Bearer fr0m", "Bearer fr0m-code-", "fr0m-code", "Basic fr0m-code", "Token fr0m-code"] {
            let answer = client.get_with(address, path, wrong);
            assert_eq!(answer.status, 401, "{path} {wrong}");
            let challenges = "Basic realm=\"metrics\", charset=\"UTF-8\"\nBearer realm=\"metrics\"";
            assert_eq!(answer.header("www-authenticate"), challenges);
        }
    }
}

#[test]
fn health_can_be_open_to_probes_without_details() {
    isolated!();
    let (_telemetry, address) = served(Prometheus::new().basic_auth("prometheus", HASH).open_health(true));
    let client = Client::plain();
    let probe = client.get(address, "/healthz", &[]).expect("a response");
    assert_eq!((probe.status, &*probe.body), (200, "ok\n"));
    let wrong = client.get_with(address, "/healthz", &basic("prometheus", "wr0ng"));
    assert_eq!((wrong.status, &*wrong.body), (200, "ok\n"));
    let full = client.get_with(address, "/healthz", &basic("prometheus", PASSWORD));
    assert_eq!((full.status, &*full.body), (200, "prometheus: no scrape yet\n"));
    for path in ["/metrics", "/", "/api/v1/about", "/healthz/"] {
        assert_eq!(client.get(address, path, &[]).expect("a response").status, 401, "{path}");
    }
    let post = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert_eq!(client.send(address, post).expect("a response").status, 401);
}

#[test]
fn a_variable_opens_health() {
    isolated!();
    let authority = Authority::new();
    let file = authority.write("web.yml", &format!("basic_auth_users: {{prometheus: {HASH}}}"));
    for (open, status) in [("true", 200), ("false", 401), ("", 401)] {
        let variables = [
            ("PHOENIX_OTEL_WEB_CONFIG_FILE", &*file),
            ("PHOENIX_OTEL_OPEN_HEALTH", open),
            ("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1"),
            ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
        ];
        let builder = phoenix_otel::builder("access").exporter("prometheus").environment(variables);
        let (_telemetry, address) = started(builder);
        assert_eq!(Client::plain().get(address, "/healthz", &[]).expect("a response").status, status, "{open:?}");
        assert_eq!(Client::plain().get_with(address, "/metrics", &basic("prometheus", PASSWORD)).status, 200);
    }
}

#[test]
fn the_file_sets_headers_and_a_rate_limit() {
    isolated!();
    let authority = Authority::new();
    let file = authority.write(
        "web.yml",
        &format!(
            "http_server_config:
  headers:
    X-Frame-Options: sameorigin
    Content-Security-Policy: default-src 'none'
    Strict-Transport-Security: max-age=60
basic_auth_users:
  prometheus: {HASH}
rate_limit:
  interval: 1h
  burst: 4
"
        ),
    );
    let (_telemetry, address) = served(Prometheus::new().web_config_file(&file));
    let client = Client::plain();
    let right = basic("prometheus", PASSWORD);
    for (path, authorization, status) in [("/metrics", &*right, 200), ("/nothing", &right, 404), ("/metrics", "", 401)]
    {
        let answer = client.get_with(address, path, authorization);
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("x-frame-options"), "sameorigin");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'");
        assert_eq!(answer.header("strict-transport-security"), "max-age=60");
    }
    // The page has its own policy.
    let page = client.get_with(address, "/", &right);
    assert_eq!((page.status, &*page.header("x-frame-options")), (200, "sameorigin"));
    assert!(page.header("content-security-policy").contains("script-src 'self'"), "{page:?}");
    let refused = client.get_with(address, "/metrics", &right);
    assert_eq!((refused.status, &*refused.body), (429, "too many requests\n"));
}
