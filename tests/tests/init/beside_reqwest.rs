//! A service's own reqwest works together with our crate: no feature that we enable makes its client look for a missing TLS provider.

#[test]
fn a_reqwest_client_without_features_works() {
    phoenix_otel_tests::isolated!();
    let builder = phoenix_otel::builder("test").environment([("OTEL_EXPORTER_OTLP_ENDPOINT", "https://localhost:1")]);
    let builder = builder.exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0));
    let telemetry = builder.init().unwrap();
    let url = format!("http://{}/healthz", telemetry.scrape_address().unwrap());
    let body = phoenix_otel_tests::block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        drop(reqwest::Client::new());
        client.get(url).send().await.unwrap().text().await.unwrap()
    });
    assert_eq!(body.lines().next(), Some("prometheus: no scrape yet"), "{body}");
    telemetry.shutdown().into_result().unwrap();
}

/// Our crate sets no process-wide provider; that is for the service to do.
#[test]
fn no_process_wide_provider_is_set() {
    phoenix_otel_tests::isolated!();
    for protocol in ["http/protobuf", "grpc"] {
        let on = [
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://localhost:1"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "200"),
        ];
        let telemetry = phoenix_otel::builder("test").environment(on).init().unwrap();
        telemetry.shutdown().into_result().unwrap_err();
        assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    }
}
