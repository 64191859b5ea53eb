//! A service with its own subscriber, and exemplars of calls with the two attributes in either order.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use opentelemetry::trace::TraceContextExt as _;
use phoenix_otel::{Label, Telemetry, instrument_metrics, metrics};
use phoenix_otel_tests::openmetrics::{SampleWithExemplar, exemplars};
use phoenix_otel_tests::{block_on, http, wait_until};
use tracing::instrument;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[derive(Clone, Copy, Label)]
enum Size {
    Small,
    Large,
}

metrics! {
    /// Sizes.
    static SIZES: Histogram { size: Size } = "acme.sizes" { unit: "By", bounds: [1.0, 10.0] };
    /// Sizes of tenants.
    static TENANTS: Histogram { tenant: &str } = "acme.tenants" { unit: "By", bounds: [1.0], cap: 1 };
    /// Alone.
    static ALONE: Histogram = "acme.alone" { unit: "By", bounds: [1.0] };
}

/// A service with its own subscriber.
fn telemetry() -> &'static Telemetry {
    static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();
    TELEMETRY.get_or_init(|| {
        let builder =
            phoenix_otel::builder("orders").exporter(phoenix_otel::Prometheus::new().host("127.0.0.1").port(0));
        let telemetry = builder.without_subscriber().init().unwrap();
        tracing_subscriber::registry().with(telemetry.tracing_layer()).init();
        telemetry
    })
}

fn exposition(accept: &str) -> String {
    let address = wait_until("the endpoint", || telemetry().scrape_address().ok_or("not bound yet"));
    http::get(&format!("http://{address}/metrics"), &[("accept", accept)]).unwrap().ok().unwrap()
}

/// Returns the exemplars of samples that have this label.
fn of(label: &str, value: &str) -> Vec<SampleWithExemplar> {
    let all = exemplars(&exposition("application/openmetrics-text; version=1.0.0"));
    all.into_iter().filter(|found| found.labels.get(label).is_some_and(|has| has == value)).collect()
}

/// Returns trace ID and span ID of the current span.
fn here() -> (String, String) {
    let context = opentelemetry::Context::current();
    let span = context.span();
    let span = span.span_context();
    assert!(span.is_sampled());
    (span.trace_id().to_string(), span.span_id().to_string())
}

/// Asserts that the exemplar of a method has these ids, which the method returned.
#[track_caller]
fn names(method: &str, ids: &(String, String)) {
    let found = of("method", method);
    assert_eq!(found.len(), 1, "{method}: {found:#?}");
    assert_eq!((found[0].trace_id(), found[0].span_id()), (&*ids.0, &*ids.1), "{method}");
}

type Ids = (String, String);

#[instrument_metrics]
#[instrument]
fn metrics_first() -> Result<Ids, String> {
    Ok(here())
}

#[instrument]
#[instrument_metrics]
fn tracing_first() -> Result<Ids, String> {
    Ok(here())
}

#[instrument]
fn child() {}

#[instrument_metrics]
#[instrument]
async fn metrics_first_later() -> Ids {
    child();
    tokio::task::yield_now().await;
    here()
}

#[instrument]
#[instrument_metrics]
async fn tracing_first_later() -> Ids {
    tokio::task::yield_now().await;
    child();
    here()
}

#[instrument_metrics]
#[instrument]
fn metrics_first_boxed() -> Pin<Box<dyn Future<Output = Ids> + Send>> {
    Box::pin(async move {
        tokio::task::yield_now().await;
        here()
    })
}

#[test]
fn either_order_names_the_span_of_the_call() {
    phoenix_otel_tests::isolated!();
    telemetry();
    names("metrics_first", &metrics_first().unwrap());
    names("tracing_first", &tracing_first().unwrap());
    names("metrics_first_later", &block_on(metrics_first_later()));
    names("tracing_first_later", &block_on(tracing_first_later()));
    names("metrics_first_boxed", &block_on(metrics_first_boxed()));
}

#[instrument_metrics]
#[instrument(skip_all)]
fn fails_above(ids: &mut Ids) -> Result<(), std::num::ParseIntError> {
    *ids = here();
    "x".parse::<u8>()?;
    Ok(())
}

#[instrument(skip_all)]
#[instrument_metrics]
fn fails_below(ids: &mut Ids) -> Result<(), std::num::ParseIntError> {
    *ids = here();
    "x".parse::<u8>()?;
    Ok(())
}

#[instrument_metrics]
#[instrument(skip_all)]
fn panics_above(ids: &mut Ids) {
    *ids = here();
    std::panic::resume_unwind(Box::new(()));
}

#[instrument_metrics]
#[instrument(skip_all)]
async fn panics_later(ids: &mut Ids) {
    *ids = here();
    tokio::task::yield_now().await;
    std::panic::resume_unwind(Box::new(()));
}

#[instrument_metrics]
#[instrument(skip_all)]
async fn cancelled(ids: &mut Ids) {
    *ids = here();
    std::future::pending().await
}

#[test]
fn each_status_has_the_exemplar_of_its_span() {
    phoenix_otel_tests::isolated!();
    telemetry();
    let mut ids = Ids::default();
    assert!(fails_above(&mut ids).is_err());
    names("fails_above", &ids);
    assert!(fails_below(&mut ids).is_err());
    names("fails_below", &ids);
    assert!(catch_unwind(AssertUnwindSafe(|| panics_above(&mut ids))).is_err());
    names("panics_above", &ids);
    assert!(catch_unwind(AssertUnwindSafe(|| block_on(panics_later(&mut ids)))).is_err());
    names("panics_later", &ids);
    {
        let mut future = pin!(cancelled(&mut ids));
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())) == Poll::Pending);
        // Another span ends on this thread before the future is dropped. It does not belong to the call.
        child();
    }
    names("cancelled", &ids);
}

#[instrument_metrics]
fn spanless() {}

#[instrument_metrics]
fn unsampled() {}

#[instrument_metrics]
#[instrument]
fn inner() -> Ids {
    here()
}

#[instrument_metrics]
#[instrument]
fn outer() -> (Ids, Ids) {
    (inner(), here())
}

#[instrument_metrics]
fn around() -> Ids {
    let ids = child_ids();
    spanless();
    ids
}

#[instrument]
fn child_ids() -> Ids {
    here()
}

#[test]
fn nested_calls_have_exemplars_of_their_own_spans() {
    phoenix_otel_tests::isolated!();
    telemetry();
    let (of_inner, of_outer) = outer();
    names("inner", &of_inner);
    names("outer", &of_outer);
    // A call without its own span has the span of its callee. A call without a callee has none, whatever ran before.
    names("around", &around());
    spanless();
    assert_eq!(of("method", "spanless"), []);
}

#[test]
fn a_span_that_is_not_sampled_gives_no_exemplar() {
    phoenix_otel_tests::isolated!();
    telemetry();
    let ids = (opentelemetry::TraceId::from_bytes([1; 16]), opentelemetry::SpanId::from_bytes([2; 8]));
    let flags = opentelemetry::TraceFlags::NOT_SAMPLED;
    let remote = opentelemetry::trace::SpanContext::new(ids.0, ids.1, flags, true, Default::default());
    let span = tracing::info_span!("unsampled");
    span.set_parent(opentelemetry::Context::new().with_remote_span_context(remote)).unwrap();
    span.in_scope(unsampled);
    assert_eq!(of("method", "unsampled"), []);
}

#[test]
fn an_attached_remote_context_gives_an_exemplar() {
    phoenix_otel_tests::isolated!();
    #[instrument_metrics]
    fn attached() {}
    telemetry();
    let ids = (opentelemetry::TraceId::from_bytes([3; 16]), opentelemetry::SpanId::from_bytes([4; 8]));
    let flags = opentelemetry::TraceFlags::SAMPLED;
    let remote = opentelemetry::trace::SpanContext::new(ids.0, ids.1, flags, true, Default::default());
    let context = opentelemetry::Context::new().with_remote_span_context(remote).attach();
    attached();
    drop(context);
    names("attached", &("03".repeat(16), "04".repeat(8)));
}

#[test]
fn a_handle_keeps_the_newest_exemplar_of_each_bucket() {
    phoenix_otel_tests::isolated!();
    telemetry();
    let span = tracing::info_span!("by hand");
    span.in_scope(|| {
        for (value, size) in [(0.5, Size::Small), (0.75, Size::Small), (1.0, Size::Small), (10.5, Size::Small)] {
            SIZES.record(value, SIZES { size });
        }
        SIZES.record(5.0, SIZES { size: Size::Large });
        ALONE.record(0.25, ());
        // The cap is one tenant, so the second one is on the overflow series.
        TENANTS.record(0.5, TENANTS { tenant: "one" });
        TENANTS.record(2.5, TENANTS { tenant: "two" });
    });
    let bucket = |found: &SampleWithExemplar| (found.labels["le"].clone(), found.value);
    let small: Vec<_> = of("size", "small").iter().map(bucket).collect();
    assert_eq!(small, [("1.0".to_owned(), 1.0), ("+Inf".to_owned(), 10.5)]);
    let large: Vec<_> = of("size", "large").iter().map(bucket).collect();
    assert_eq!(large, [("10.0".to_owned(), 5.0)]);
    let overflow: Vec<_> = of("otel_metric_overflow", "true").iter().map(bucket).collect();
    assert_eq!(overflow, [("+Inf".to_owned(), 2.5)]);
    assert!(of("le", "1.0").iter().any(|found| found.name == "acme_alone_bytes_bucket" && found.value == 0.25));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    assert!(of("size", "large").iter().all(|found| (now - 600.0..=now + 1.0).contains(&found.time)));
}

#[test]
fn the_text_format_has_no_exemplars() {
    phoenix_otel_tests::isolated!();
    telemetry();
    tracing_first().unwrap();
    let text = exposition("text/plain");
    assert!(text.contains("method=\"tracing_first\"") && !text.contains(" # {"), "{text}");
}
