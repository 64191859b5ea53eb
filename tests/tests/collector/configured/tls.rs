//! TLS between an agent and its gateway.

use phoenix_otel_tests::collector::Builder;
use phoenix_otel_tests::otlp_json::{orders, send};
use phoenix_otel_tests::{Collector, http, wait_until};

use super::{ACCEPTED, own_metric, wait_for_accepted_points};
use phoenix_otel_tests::certificates::Authority;

/// A gateway with a certificate of this authority for its address.
pub(crate) fn secured(gateway: Builder, authority: &Authority) -> Builder {
    let (certificate, key) = authority.signed("127.0.0.1");
    gateway.overlay("tls.yaml").env("OTELCOL_TLS_CERT", &certificate).env("OTELCOL_TLS_KEY", &key)
}

/// An agent that sends to this gateway and trusts this authority.
pub(crate) fn trusting(gateway: &Collector, authority: &Authority) -> Builder {
    let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).overlay("agent-tls.yaml");
    agent.env("OTELCOL_TLS_CA", &authority.certificate())
}

/// Sends data to an agent whose gateway must refuse it, and waits until the agent logs the reason.
pub(crate) fn assert_refused(agent: Builder, gateway: &Collector, why: &str) {
    let mut agent = agent.start();
    send(&format!("{}/v1/metrics", agent.otlp_http_url()), &orders());
    wait_until("the agent to be refused", || {
        let log = agent.process().log();
        if log.contains(why) { Ok(()) } else { Err(agent.process().log_tail()) }
    });
    assert_eq!(own_metric(gateway, ACCEPTED), 0.0, "{}", agent.process().log_tail());
}

/// Sends data to an agent, and waits until its gateway has received it.
pub(crate) fn assert_received(agent: Builder, gateway: &Collector) {
    let agent = agent.start();
    send(&format!("{}/v1/metrics", agent.otlp_http_url()), &orders());
    wait_for_accepted_points(gateway);
}

#[test]
fn an_agent_sends_only_to_a_trusted_gateway() {
    let (right, wrong) = (Authority::new(), Authority::new());
    let gateway = secured(Collector::gateway("").overlay("file.yaml"), &right).start();
    assert_refused(trusting(&gateway, &wrong), &gateway, "certificate signed by unknown authority");
    assert_refused(Collector::agent(&[&gateway.otlp_grpc_address()]), &gateway, "error reading server preface");
    let plain =
        http::post(&format!("{}/v1/metrics", gateway.otlp_http_url()), "application/json", &orders().to_string());
    assert!(!plain.is_ok_and(|answer| answer.status == 200), "it was taken without TLS");
    assert_eq!(own_metric(&gateway, ACCEPTED), 0.0);
    assert_received(trusting(&gateway, &right), &gateway);
}

#[test]
fn a_gateway_may_require_a_client_certificate() {
    let (authority, other) = (Authority::new(), Authority::new());
    let gateway = secured(Collector::gateway("").overlay("file.yaml"), &authority);
    let gateway = gateway.env("OTELCOL_TLS_CLIENT_CA", &authority.certificate()).start();
    let with = |(certificate, key): (String, String)| {
        trusting(&gateway, &authority).env("OTELCOL_TLS_CLIENT_CERT", &certificate).env("OTELCOL_TLS_CLIENT_KEY", &key)
    };
    assert_refused(trusting(&gateway, &authority), &gateway, "certificate required");
    assert_refused(with(other.signed("agent")), &gateway, "unknown certificate authority");
    assert_received(with(authority.signed("agent")), &gateway);
}
