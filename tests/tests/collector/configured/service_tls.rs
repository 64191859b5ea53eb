//! TLS with client certificates between a service and the collector: the service pushes, or the agent scrapes.

use std::fs;

use phoenix_otel::opentelemetry::metrics::MeterProvider as _;
use phoenix_otel::{Otlp, Prometheus as Endpoint, Protocol, ServerTls, Telemetry};
use phoenix_otel_tests::certificates::Authority;
use phoenix_otel_tests::{Collector, Prometheus, isolated};

use super::tls::secured;
use super::{ACCEPTED, own_metric, wait_for_accepted_points};

/// A service that pushes over TLS, with or without a certificate of its own.
fn pushing(protocol: Protocol, endpoint: &str, authority: &Authority, client: Option<&(String, String)>) -> Telemetry {
    let exporter = Otlp::new().protocol(protocol).endpoint(endpoint).certificate(authority.certificate());
    let exporter = match client {
        Some((certificate, key)) => exporter.client_certificate(certificate, key),
        None => exporter,
    };
    let service = phoenix_otel::builder("secured").environment::<&str, &str>([]).exporter(exporter);
    service.without_traces_exporter().without_subscriber().init().expect("the settings are valid")
}

#[test]
fn a_service_pushes_to_a_gateway_that_requires_a_certificate() {
    isolated!();
    let (authority, other) = (Authority::new(), Authority::new());
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf] {
        let gateway = secured(Collector::gateway("").overlay("file.yaml"), &authority);
        let gateway = gateway.env("OTELCOL_TLS_CLIENT_CA", &authority.certificate()).start();
        let endpoint = match protocol {
            Protocol::Grpc => gateway.otlp_grpc_url(),
            _ => gateway.otlp_http_url(),
        };
        let endpoint = endpoint.replace("http://", "https://");
        for client in [None, Some(other.signed("service"))] {
            let service = pushing(protocol, &endpoint, &authority, client.as_ref());
            service.force_flush().into_result().expect_err("the gateway refuses the connection");
            assert!(!service.health().is_healthy(), "{}", service.health());
        }
        // It does not trust the gateway.
        pushing(protocol, &endpoint, &other, Some(&authority.signed("service")))
            .force_flush()
            .into_result()
            .expect_err("it is untrusted");
        assert_eq!(own_metric(&gateway, ACCEPTED), 0.0);
        let service = pushing(protocol, &endpoint, &authority, Some(&authority.signed("service")));
        service.force_flush().into_result().unwrap_or_else(|error| panic!("{protocol:?}: {error}"));
        assert!(service.health().is_healthy(), "{}", service.health());
        wait_for_accepted_points(&gateway);
    }
}

#[test]
fn an_agent_scrapes_a_service_that_requires_a_certificate() {
    isolated!();
    let (authority, other) = (Authority::new(), Authority::new());
    let (certificate, key) = authority.signed("127.0.0.1");
    let tls = ServerTls::new(certificate, key).client_ca(authority.certificate());
    let service = phoenix_otel::builder("secured")
        .environment::<&str, &str>([])
        .exporter(Endpoint::new().host("127.0.0.1").port(0).tls(tls))
        .without_traces_exporter()
        .without_subscriber()
        .init()
        .expect("the settings are valid");
    let orders = service.meter_provider().meter("shop").u64_counter("acme.orders").build();
    orders.add(7, &[]);
    let target = service.scrape_address().expect("it listens").to_string();
    let written = Prometheus::from_repository().remote_write_receiver().start();
    let gateway = Collector::gateway(&written.remote_write_url()).start();
    let agent = |(certificate, key): (String, String)| {
        let agent = Collector::agent(&[&gateway.otlp_grpc_address()]).overlay("agent-scrape-tls.yaml");
        let agent = agent
            .env("OTELCOL_SCRAPE_INTERVAL", "1s")
            .env("OTELCOL_SCRAPE_CA", &authority.certificate())
            .env("OTELCOL_SCRAPE_CLIENT_CERT", &certificate)
            .env("OTELCOL_SCRAPE_CLIENT_KEY", &key)
            .start();
        fs::write(agent.folder().join("otelcol-targets.yml"), format!("- targets: [\"{target}\"]\n"))
            .expect("the file is writable");
        agent
    };
    let up = |expected: f64| {
        written.wait_for(r#"up{job="phoenix-services"}"#, |seen| seen.iter().any(|(_, value)| value == expected));
    };
    let refused = agent(other.signed("agent"));
    up(0.0);
    assert_eq!(written.query("acme_orders_total").len(), 0, "nothing is scraped without the right certificate");
    drop(refused);
    let _agent = agent(authority.signed("agent"));
    let seen = written.wait_for("acme_orders_total", |seen| !seen.is_empty());
    assert!(seen.iter().all(|(_, value)| value == 7.0), "{seen:?}");
    up(1.0);
    assert!(service.health().is_healthy(), "{}", service.health());
}
