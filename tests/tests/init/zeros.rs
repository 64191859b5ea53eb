//! Every known series exists at 0 from the start.

use phoenix_otel::platform::Platform;
use phoenix_otel::{ErrorType, Label, instrument_metrics, metrics};
use phoenix_otel_tests::Samples;

#[expect(dead_code, reason = "only the values are used")]
#[derive(Clone, Copy, Label)]
enum Channel {
    Web,
    #[label("pos")]
    PointOfSale,
}

metrics! {
    /// Orders.
    static ORDERS: Counter { channel: Channel, express: Express } = "acme.orders" { unit: "{order}" };
    /// Orders open.
    static OPEN: UpDownCounter = "acme.orders.open" { unit: "{order}" };
    /// Paid.
    static PAID: Counter<f64> = "acme.paid" { unit: "{EUR}" };
    /// Size of an order.
    static SIZE: Histogram = "acme.order.size" { unit: "By", bounds: [1.0, 10.0] };
    /// Time to pack.
    static PACKING: Histogram { channel: Channel } = "acme.packing.duration" { unit: "s", bounds: [1.0, 10.0] };
    /// Stock.
    static STOCK: Gauge { channel: Channel } = "acme.stock" {};
    /// Time to look up.
    static LOOKUP: Summary { channel: Channel } = "acme.lookup" { unit: "s" };
}

#[expect(dead_code, reason = "only the values are used")]
#[derive(Clone, Copy, Label)]
enum Express {
    Yes,
    No,
}

#[expect(dead_code, reason = "only the values are used")]
#[derive(Debug, ErrorType)]
enum ShipError {
    NoAddress,
    LostByCarrier,
}

#[instrument_metrics]
async fn ship() -> Result<(), ShipError> {
    Err(ShipError::NoAddress)
}

#[instrument_metrics(subsystem = "packer")]
fn pack() {}

#[instrument_metrics(subsystem = "llm")]
fn of_another_service() {}

#[test]
fn known_series_exist_at_zero() {
    phoenix_otel_tests::isolated!();
    // These functions are in the program, and never called.
    let _ = (ship, pack, of_another_service);
    let telemetry = phoenix_otel::builder("shop-service")
        .with(Platform::new())
        .version("1.2.3")
        .exporter("prometheus")
        .without_listener()
        .init()
        .unwrap();
    let samples = Samples::of(&telemetry);
    for channel in ["web", "pos"] {
        for express in ["yes", "no"] {
            let labels =
                [("channel", channel), ("express", express), ("service", "shop-service"), ("version", "1.2.3")];
            assert_eq!(samples.get("acme_orders_total", &labels), Some(0.0), "{labels:?}");
        }
        assert_eq!(samples.get("acme_packing_duration_seconds_count", &[("channel", channel)]), Some(0.0));
        assert_eq!(
            samples.get("acme_packing_duration_seconds_bucket", &[("channel", channel), ("le", "+Inf")]),
            Some(0.0)
        );
    }
    assert_eq!(samples.get("acme_orders_open", &[]), Some(0.0));
    assert_eq!(samples.get("acme_lookup_seconds_count", &[("channel", "pos")]), Some(0.0));
    assert_eq!(samples.get("acme_lookup_seconds_sum", &[("channel", "web")]), Some(0.0));
    assert_eq!(samples.all("acme_lookup_seconds", &[]).count(), 0, "nothing has no quantile");
    assert_eq!(samples.get("acme_paid_total", &[]), Some(0.0));
    assert_eq!(samples.get("acme_order_size_bytes_count", &[]), Some(0.0));
    assert_eq!(samples.all("acme_order_size_bytes_bucket", &[]).count(), 3);
    assert_eq!(samples.all("acme_stock", &[]).count(), 0, "a gauge has no value before one is set");

    for status in ["ok", "error", "cancelled", "panic"] {
        assert_eq!(samples.get("phoenix_shop_requests_total", &[("method", "ship"), ("status", status)]), Some(0.0));
        assert_eq!(samples.get("phoenix_packer_requests_total", &[("method", "pack"), ("status", status)]), Some(0.0));
    }
    for error_type in ["no_address", "lost_by_carrier"] {
        let labels = [("method", "ship"), ("error_type", error_type)];
        assert_eq!(samples.get("phoenix_shop_errors_total", &labels), Some(0.0));
    }
    assert_eq!(samples.get("phoenix_shop_requests_active", &[("method", "ship")]), Some(0.0));
    assert_eq!(samples.get("phoenix_shop_request_duration_seconds_count", &[("method", "ship")]), Some(0.0));
    // Metrics that the service does not have do not exist.
    assert!(samples.iter().all(|sample| !sample.name.starts_with("phoenix_llm")));
    assert_eq!(samples.get("phoenix_kb_similarity_score_count", &[]), None);
    let overflows = samples.iter().filter_map(|sample| sample.labels.get("metric"));
    assert_eq!(
        overflows.filter(|metric| metric.starts_with("phoenix_llm") || metric.ends_with("_calls_total")).count(),
        0
    );

    SIZE.record(5.0, ());
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("acme_order_size_bytes_count", &[]), Some(1.0));
    assert_eq!(samples.get("acme_order_size_bytes_bucket", &[("le", "10")]), Some(1.0));
}
