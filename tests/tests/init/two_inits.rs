//! After a second `init` values go only to the newer telemetry.

use phoenix_otel::{Telemetry, instrument_metrics, metrics};
use phoenix_otel_tests::Samples;

metrics! {
    /// Things that were counted.
    static COUNTED: Counter { what: &str } = "twice.counted" { unit: "{thing}" };
}

#[instrument_metrics(name = "called")]
fn called() {}

fn init(name: &str) -> Telemetry {
    phoenix_otel::builder(name).exporter("prometheus").without_listener().init().unwrap()
}

#[test]
fn the_second_init_takes_over() {
    phoenix_otel_tests::isolated!();
    let first = init("first");
    COUNTED.add(1, COUNTED { what: "x" });
    called();
    let second = init("second");
    COUNTED.add(10, COUNTED { what: "x" });
    called();
    called();

    let (of_first, of_second) = (Samples::of(&first), Samples::of(&second));
    assert_eq!(of_first.sum("twice_counted_total", &[]), 1.0);
    assert_eq!(of_second.sum("twice_counted_total", &[]), 10.0);
    assert_eq!(of_first.sum("phoenix_first_requests_total", &[]), 1.0);
    assert_eq!(of_second.sum("phoenix_second_requests_total", &[]), 2.0);
    assert_eq!(of_second.sum("phoenix_first_requests_total", &[]), 0.0);

    // The end of the first does not affect the second.
    first.shutdown().into_result().unwrap();
    drop(first);
    COUNTED.add(1, COUNTED { what: "x" });
    assert_eq!(Samples::of(&second).sum("twice_counted_total", &[]), 11.0);

    for round in 0..50 {
        let again = init("again");
        COUNTED.add(round, COUNTED { what: "x" });
        assert_eq!(Samples::of(&again).sum("twice_counted_total", &[]), round as f64);
    }
}
