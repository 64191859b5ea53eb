//! A shutdown with spans and a receiver that is down returns within its timeout, and reports how many spans were lost.

use std::time::Duration;

use opentelemetry::global;
use opentelemetry::trace::Tracer as _;
use phoenix_otel_tests::receiver_down::{FAILURES, PROTOCOLS, ReceiverDown, pushing, within_timeout, without_waiting};

const DEADLINE: Duration = Duration::from_secs(2);

/// Ends spans and shuts down. By then a full batch is in flight.
fn shut_down(protocol: &str, dead: &ReceiverDown, spans: usize) {
    let variables = [
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{}", dead.address())),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10"),
    ];
    let builder = pushing(protocol, &dead.address()).environment(variables);
    let telemetry = builder.shutdown_timeout(DEADLINE).init().unwrap();
    for _ in 0..spans {
        global::tracer("test").in_span("span", |_| ());
    }
    let delivery = within_timeout(DEADLINE, || telemetry.shutdown());
    let lost: Vec<_> = delivery.undelivered().collect();
    assert_eq!(lost.len(), 1, "{delivery}");
    assert_eq!((lost[0].exporter.as_str(), lost[0].points), ("otlp traces", Some(spans)), "{delivery}");
    assert!(lost[0].reason.contains(&dead.address()), "{delivery}");
    assert_eq!(without_waiting(DEADLINE, || telemetry.shutdown()), delivery);
}

#[test]
fn without_a_runtime() {
    phoenix_otel_tests::isolated!();
    for protocol in PROTOCOLS {
        for failure in FAILURES {
            shut_down(protocol, &ReceiverDown::new(failure), 3);
            shut_down(protocol, &ReceiverDown::new(failure), 25);
        }
    }
}

#[test]
fn on_the_only_thread_of_a_runtime() {
    phoenix_otel_tests::isolated!();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for protocol in PROTOCOLS {
        for failure in FAILURES {
            runtime.block_on(async { shut_down(protocol, &ReceiverDown::new(failure), 3) });
        }
    }
}
