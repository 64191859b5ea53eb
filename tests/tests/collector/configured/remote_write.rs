//! Remote write to stores other than Prometheus: the path and the headers of each.

use phoenix_otel_tests::otlp_json::{orders, send};
use phoenix_otel_tests::{Collector, Webhook, wait_until};

#[test]
fn each_store_gets_its_tenant() {
    for (overlay, path, tenant) in [
        ("mimir.yaml", "/api/v1/push", Some("x-scope-orgid")),
        ("thanos.yaml", "/api/v1/receive", Some("thanos-tenant")),
        ("victoriametrics.yaml", "/api/v1/write", None),
    ] {
        let store = Webhook::start();
        let gateway = Collector::gateway(&store.url(path))
            .overlay(overlay)
            .env("OTELCOL_TENANT", "blue")
            .env("OTELCOL_REMOTE_WRITE_AUTHORIZATION", "Bearer of-the-test")
            .start();
        send(&format!("{}/v1/metrics", gateway.otlp_http_url()), &orders());
        let written = wait_until(&format!("{overlay} to write"), || {
            store.messages().into_iter().next().ok_or("nothing received")
        });
        assert_eq!(written.path, path, "{overlay}");
        assert_eq!(written.authorization, "Bearer of-the-test", "{overlay}");
        let header = |name: &str| written.headers.get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("content-encoding"), Some("snappy"), "{overlay}");
        assert_eq!(tenant.map(header), tenant.map(|_| Some("blue")), "{overlay}");
    }
}
