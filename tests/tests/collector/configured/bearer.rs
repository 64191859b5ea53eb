//! A gateway that requires a token.

use phoenix_otel_tests::otlp_json::orders;
use phoenix_otel_tests::{Collector, http};

use super::tls::{assert_received, assert_refused, secured, trusting};
use super::{ACCEPTED, own_metric};
use phoenix_otel_tests::certificates::Authority;

#[test]
fn a_service_needs_the_token() {
    let gateway = Collector::gateway("").overlay("file.yaml").overlay("bearer.yaml").env("OTELCOL_TOKEN", "right");
    let gateway = gateway.start();
    let status = |headers: &[(&str, &str)]| {
        let url = format!("{}/v1/metrics", gateway.otlp_http_url());
        let answer = http::post_with(&url, "application/json", headers, &orders().to_string());
        answer.expect("a response").status
    };
    assert_eq!(status(&[]), 401);
    assert_eq!(status(&[("authorization", "Bearer wrong")]), 401);
    assert_eq!(own_metric(&gateway, ACCEPTED), 0.0);
    assert_eq!(status(&[("authorization", "Bearer right")]), 200);
    assert!(own_metric(&gateway, ACCEPTED) > 0.0);
}

#[test]
fn an_agent_sends_the_token_over_tls() {
    let authority = Authority::new();
    let gateway = secured(Collector::gateway("").overlay("file.yaml").overlay("bearer.yaml"), &authority);
    let gateway = gateway.env("OTELCOL_TOKEN", "right").start();
    let agent = |token: &str| trusting(&gateway, &authority).overlay("agent-bearer.yaml").env("OTELCOL_TOKEN", token);
    assert_refused(trusting(&gateway, &authority), &gateway, "Unauthenticated");
    assert_refused(agent("wrong"), &gateway, "Unauthenticated");
    assert_received(agent("right"), &gateway);
}
