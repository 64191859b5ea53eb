//! Invalid values are dropped, counted by reason, and create no series.

use phoenix_otel::metrics;
use phoenix_otel_tests::Samples;

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
    phoenix_otel_tests::isolated!();
    let telemetry = phoenix_otel::builder("drops").exporter("prometheus").without_listener().init().unwrap();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        PAID.add(value, PAID { who: "bad" });
        LEVEL.set(value, LEVEL { who: "bad" });
        SIZE.record(value, SIZE { who: "bad" });
    }
    PAID.add(-1.0, PAID { who: "bad" });
    LEVEL.set(5.0, LEVEL { who: "good" });
    LEVEL.set(f64::INFINITY, LEVEL { who: "good" });

    let samples = Samples::of(&telemetry);
    let dropped = |metric, reason| samples.get("phoenix_otel_dropped_total", &[("metric", metric), ("reason", reason)]);
    assert_eq!(dropped("dropped_paid_total", "nan"), Some(1.0));
    assert_eq!(dropped("dropped_paid_total", "infinite"), Some(2.0));
    assert_eq!(dropped("dropped_paid_total", "negative"), Some(1.0));
    assert_eq!(dropped("dropped_level", "nan"), Some(1.0));
    assert_eq!(dropped("dropped_level", "infinite"), Some(3.0));
    assert_eq!(dropped("dropped_size_bytes", "nan"), Some(1.0));
    assert_eq!(dropped("dropped_size_bytes", "infinite"), Some(2.0));
    assert_eq!(samples.iter().filter(|sample| sample.labels.get("who").is_some_and(|who| who == "bad")).count(), 0);
    assert_eq!(samples.get("dropped_level", &[("who", "good")]), Some(5.0));
}
