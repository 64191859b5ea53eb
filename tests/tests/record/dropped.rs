//! Invalid values are dropped, counted by reason, and create no series.

use phoenix_otel::{metrics, testing};

metrics! {
    /// What was paid.
    static PAID: Counter<f64> { who: &str } = "dropped.paid" { unit: "{EUR}" };
    /// A level.
    static LEVEL: Gauge { who: &str } = "dropped.level" {};
    /// Sizes.
    static SIZE: Histogram { who: &str } = "dropped.size" { unit: "By", bounds: [1.0, 10.0] };
}

#[test]
fn invalid_values_are_counted() {
    let scope = testing::scope("drops");
    scope.run(|| {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            PAID.add(value, PAID { who: "bad" });
            LEVEL.set(value, LEVEL { who: "bad" });
            SIZE.record(value, SIZE { who: "bad" });
        }
        PAID.add(-1.0, PAID { who: "bad" });
        LEVEL.set(5.0, LEVEL { who: "good" });
        LEVEL.set(f64::INFINITY, LEVEL { who: "good" });
    });
    scope.snapshot().assert_text(
        r#"
        dropped_level{who="good"} 5
        phoenix_otel_dropped_total{metric="dropped_level",reason="infinite"} 3
        phoenix_otel_dropped_total{metric="dropped_level",reason="nan"} 1
        phoenix_otel_dropped_total{metric="dropped_paid_total",reason="infinite"} 2
        phoenix_otel_dropped_total{metric="dropped_paid_total",reason="nan"} 1
        phoenix_otel_dropped_total{metric="dropped_paid_total",reason="negative"} 1
        phoenix_otel_dropped_total{metric="dropped_size_bytes",reason="infinite"} 2
        phoenix_otel_dropped_total{metric="dropped_size_bytes",reason="nan"} 1
        "#,
    );
}
