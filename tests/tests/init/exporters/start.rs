//! Whatever exporters do at the start, neither `init` nor other exporters wait.

use std::time::Instant;

use phoenix_otel::{Otlp, PushExporter};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::receiver_down::count;
use phoenix_otel_tests::wait::LIVENESS;
use phoenix_otel_tests::{isolated, wait_until};

use super::foreign::{BAD, SHORT};
use super::test_double::{Act, Double};

#[test]
fn other_exporters_start_at_once() {
    isolated!();
    let sink = Sink::http(None, &[]);
    let fine = Double::new(Act::Fine);
    let mut builder = phoenix_otel::builder("guests")
        .environment([("", ""); 0])
        .shutdown_timeout(SHORT)
        .exporter(Otlp::new().endpoint(format!("http://127.0.0.1:{}", sink.port())));
    for (name, act) in BAD {
        builder = builder.push_exporter(name, PushExporter::new(Double::new(act)).export_timeout(SHORT));
    }
    let begun = Instant::now();
    let telemetry = builder.push_exporter("fine", fine.clone()).init().unwrap();
    assert!(begun.elapsed() < LIVENESS, "{:?}", begun.elapsed());
    // The first collection does not contain this value.
    count(&telemetry, 41);
    assert_eq!(sink.next_initial().sum("counted"), None);
    wait_until("each to have exported, or to have failed at it", || {
        let health = telemetry.health().to_string();
        let is = |name: &str, how: &str| health.contains(&format!("\n{name}: {how}"));
        // An export that fails at the start is retried soon, so there may be several failures.
        let failing = ["fails", "panics", "hangs", "blocks"].iter().all(|name| is(name, "failing ("));
        let ok = ["fine", "blocks-in-flush", "blocks-in-shutdown", "panics-in-temporality"]
            .iter()
            .all(|name| is(name, "ok"));
        if failing && ok { Ok(()) } else { Err(health) }
    });
    assert_eq!((fine.exported(), fine.calls()), (vec![0], vec!["export"]));
}
