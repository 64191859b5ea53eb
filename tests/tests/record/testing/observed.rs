//! Callbacks belong to the scope in which they were registered, and may record.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use phoenix_otel::circuit_breaker::CircuitBreakerMetrics;
use phoenix_otel::metrics;
use phoenix_otel::testing::{self, FakeExporter};

metrics! {
    /// A depth.
    static DEPTH: ObservableUpDownCounter { queue: &str } = "observed.depth" {};
    /// A sum that another keeps.
    static READ: ObservableCounter = "observed.read" { unit: "By" };
    /// A temperature.
    static TEMPERATURE: ObservableGauge { room: &str } = "observed.temperature" { cap: 1 };
    /// How often a callback was called.
    static CALLED: Counter { from: &str } = "observed.called" {};
}

#[test]
fn observed_values_are_read_as_numbers() {
    let scope = testing::scope("observed");
    assert_eq!(scope.value(&DEPTH, DEPTH { queue: "a" }), None);
    let depth = scope.run(|| DEPTH.observe(|observer| observer.observe(-4, DEPTH { queue: "a" })));
    let _read = scope.run(|| READ.observe(|observer| observer.observe(1.5, ())));
    assert_eq!(scope.value(&DEPTH, DEPTH { queue: "a" }), Some(-4));
    assert_eq!(scope.value(&READ, ()), Some(1.5));
    drop(depth);
    assert_eq!(scope.value(&DEPTH, DEPTH { queue: "a" }), None);
}

/// The SDK would call it under a lock, within which no instrument can be created.
#[test]
fn a_callback_may_record_with_an_unused_handle() {
    let scope = testing::scope("observed");
    let _observation = scope.run(|| {
        TEMPERATURE.observe(|observer| {
            CALLED.add(1, CALLED { from: "temperature" });
            for (degrees, room) in [(20.0, "kitchen"), (21.0, "hall"), (22.0, "cellar"), (f64::NAN, "attic")] {
                observer.observe(degrees, TEMPERATURE { room });
            }
        })
    });
    assert_eq!(scope.value(&TEMPERATURE, TEMPERATURE { room: "kitchen" }), Some(20.0));
    assert_eq!(scope.value(&CALLED, CALLED { from: "temperature" }), 2, "each reading calls it");
    let text = scope.snapshot().to_string();
    assert!(text.contains("phoenix_otel_overflow_total{metric=\"observed_temperature\"} 2\n"), "{text}");
    assert!(text.contains("reason=\"nan\"} 3\n"), "{text}");
}

#[test]
fn callbacks_are_called_by_their_own_scope() {
    phoenix_otel_tests::isolated!();
    let observe =
        |degrees: f64| TEMPERATURE.observe(move |observer| observer.observe(degrees, TEMPERATURE { room: "x" }));
    let degrees = |scope: &testing::Scope| scope.value(&TEMPERATURE, TEMPERATURE { room: "x" });
    let scopes: Vec<_> = (0..50).map(|n| (n, testing::scope("many"))).collect();
    scopes.iter().for_each(|(n, scope)| scope.run(|| observe(f64::from(*n)).detach()));
    scopes.iter().for_each(|(n, scope)| assert_eq!(degrees(scope), Some(f64::from(*n))));
    let without = testing::scope("without");
    assert_eq!(degrees(&without), None);

    let exporter = FakeExporter::default();
    let builder = phoenix_otel::builder("real").without_exporter().without_subscriber();
    let telemetry = builder.push_exporter("fake", exporter.clone()).init().unwrap();
    telemetry.force_flush().into_result().unwrap();
    assert_eq!(exporter.last().value(&TEMPERATURE, TEMPERATURE { room: "x" }), None);
    let _real = observe(-1.0);
    without.run(|| telemetry.force_flush().into_result().unwrap());
    assert_eq!(exporter.last().value(&TEMPERATURE, TEMPERATURE { room: "x" }), Some(-1.0));
    assert_eq!(degrees(&without), None);
}

#[test]
fn the_captures_of_a_callback_are_dropped_with_its_scope() {
    let held = Arc::new(AtomicU64::new(7));
    let scope = testing::scope("ends");
    let of_callback = held.clone();
    #[expect(clippy::cast_precision_loss, reason = "it is 7")]
    scope.run(|| {
        READ.observe(move |observer| observer.observe(of_callback.load(Ordering::Relaxed) as f64, ())).detach()
    });
    assert_eq!(scope.value(&READ, ()), Some(7.0));
    drop(scope);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_breaker_belongs_to_the_scope_in_which_it_is_made() {
    let [first, second] = ["first", "second"].map(testing::scope);
    let _breakers = [&first, &second].map(|scope| scope.run(|| CircuitBreakerMetrics::new("observed-store")));
    let text = first.snapshot().to_string();
    assert!(text.contains("service=\"observed-store\"} 0\n"), "{text}");
    assert_eq!(text, second.snapshot().to_string());
}
