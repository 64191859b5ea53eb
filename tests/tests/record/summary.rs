//! Summaries through the public API: a real summary family on the scrape, from the start, up to the cap.

use phoenix_otel::{Label, Telemetry, metrics};
use phoenix_otel_tests::Samples;

#[derive(Clone, Copy, Label)]
enum Hall {
    North,
    #[expect(dead_code, reason = "the value that never occurs")]
    South,
}

metrics! {
    /// Time from an order to its parcel.
    static PACKING: Summary { hall: Hall } = "acme.packing" { unit: "s" };
    /// Weight of a parcel.
    static WEIGHT: Summary = "acme.weight" { unit: "g" };
    /// Time to ship.
    static SHIPPING: Summary { country: &str } = "acme.shipping" { unit: "s", cap: 10 };
    /// Time to look up.
    static LOOKUP: Summary { hall: Hall } = "acme.lookup" { unit: "s" };
}

fn telemetry() -> Telemetry {
    phoenix_otel::builder("depot").exporter("prometheus").without_listener().init().unwrap()
}

const QUANTILES: [&str; 4] = ["0.5", "0.9", "0.95", "0.99"];

#[test]
fn a_summary_exists_from_the_start_and_has_quantiles_after_a_value() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry();
    let samples = Samples::of(&telemetry);
    for hall in ["north", "south"] {
        for part in ["acme_packing_seconds_sum", "acme_packing_seconds_count"] {
            assert_eq!(samples.get(part, &[("hall", hall), ("service", "depot")]), Some(0.0), "{part} of {hall}");
        }
    }
    assert_eq!(samples.get("acme_weight_grams_count", &[]), Some(0.0));
    assert_eq!(samples.all("acme_packing_seconds", &[]).count(), 0, "nothing has no quantile");
    let overflow = [("metric", "acme_shipping_seconds")];
    assert_eq!(samples.get("phoenix_otel_overflow_total", &overflow), Some(0.0));

    for n in 1..=1000u32 {
        PACKING.record(f64::from(n) / 10.0, PACKING { hall: Hall::North });
    }
    let exposition = telemetry.exposition().unwrap();
    assert!(exposition.contains("# TYPE acme_packing_seconds summary\n"), "{exposition}");
    assert!(!exposition.contains("# TYPE acme_packing_seconds_sum"), "its parts are no families:\n{exposition}");
    let samples = Samples::parse(&exposition);
    for (quantile, exact) in QUANTILES.into_iter().zip([50.0, 90.0, 95.0, 99.0]) {
        let labels = [("hall", "north"), ("quantile", quantile), ("service", "depot")];
        let value = samples.get("acme_packing_seconds", &labels).expect(quantile);
        // One rank is a tenth of a second.
        assert!((value - exact).abs() <= 0.01 * exact + 0.1, "{quantile}: {value} instead of {exact}");
    }
    assert_eq!(samples.get("acme_packing_seconds_sum", &[("hall", "north")]).map(f64::round), Some(50_050.0));
    assert_eq!(samples.get("acme_packing_seconds_count", &[("hall", "north")]), Some(1000.0));
    assert_eq!(samples.all("acme_packing_seconds", &[("hall", "south")]).count(), 0);
}

#[test]
fn nan_is_dropped_and_counted() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry();
    for value in [2.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0] {
        WEIGHT.record(value, ());
    }
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.get("acme_weight_grams_count", &[]), Some(2.0));
    assert_eq!(samples.get("acme_weight_grams_sum", &[]), Some(1.0));
    assert_eq!(samples.get("acme_weight_grams", &[("quantile", "0.5")]), Some(-1.0));
    for (reason, count) in [("nan", 1.0), ("infinite", 2.0)] {
        let labels = [("metric", "acme_weight_grams"), ("reason", reason)];
        assert_eq!(samples.get("phoenix_otel_dropped_total", &labels), Some(count), "{reason}");
    }
}

#[test]
fn a_summary_past_its_cap_has_one_overflow_series() {
    phoenix_otel_tests::isolated!();
    let telemetry = telemetry();
    for n in 0..500u32 {
        let country = format!("country {n}");
        SHIPPING.record(2.0, SHIPPING { country: &country });
    }
    let samples = Samples::of(&telemetry);
    assert_eq!(samples.all("acme_shipping_seconds_count", &[]).count(), 11);
    assert_eq!(samples.all("acme_shipping_seconds", &[]).count(), 11 * QUANTILES.len());
    let overflow = [("otel_metric_overflow", "true")];
    assert_eq!(samples.get("acme_shipping_seconds_count", &overflow), Some(490.0));
    assert_eq!(samples.get("acme_shipping_seconds_sum", &overflow), Some(980.0));
    let counted = [("metric", "acme_shipping_seconds")];
    assert_eq!(samples.get("phoenix_otel_overflow_total", &counted), Some(490.0));
}

#[test]
fn scrapes_lose_no_values() {
    phoenix_otel_tests::isolated!();
    const THREADS: u32 = 4;
    const EACH: u32 = 50_000;
    let telemetry = telemetry();
    let counts = |samples: &Samples| {
        let labels = [("hall", "north")];
        let get = |name| samples.get(name, &labels).expect(name);
        (get("acme_lookup_seconds_count"), get("acme_lookup_seconds_sum"))
    };
    std::thread::scope(|scope| {
        let recorders: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| (0..EACH).for_each(|_| LOOKUP.record(0.5, LOOKUP { hall: Hall::North }))))
            .collect();
        let mut last = 0.0;
        while !recorders.iter().all(|recorder| recorder.is_finished()) {
            let (count, sum) = counts(&Samples::of(&telemetry));
            assert!(count >= last, "the count never falls");
            assert_eq!(sum, count / 2.0, "sum and count are of the same observations");
            last = count;
        }
    });
    let total = f64::from(THREADS * EACH);
    assert_eq!(counts(&Samples::of(&telemetry)), (total, total / 2.0));
}

#[test]
fn a_second_init_resets_summaries() {
    phoenix_otel_tests::isolated!();
    let first = telemetry();
    LOOKUP.record(1.0, LOOKUP { hall: Hall::North });
    let second = telemetry();
    LOOKUP.record(3.0, LOOKUP { hall: Hall::North });
    LOOKUP.record(3.0, LOOKUP { hall: Hall::North });
    for (telemetry, count, value) in [(first, 1.0, 1.0), (second, 2.0, 3.0)] {
        let samples = Samples::of(&telemetry);
        assert_eq!(samples.get("acme_lookup_seconds_count", &[("hall", "north")]), Some(count));
        let median = [("hall", "north"), ("quantile", "0.5")];
        assert_eq!(samples.get("acme_lookup_seconds", &median), Some(value));
    }
}
