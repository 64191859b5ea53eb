//! Foreign exporters that hang, block, panic and fail, together with a working one and with ours.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use phoenix_otel::{Delivery, Otlp, Prometheus, PushExporter, Telemetry};
use phoenix_otel_tests::otlp_sink::Sink;
use phoenix_otel_tests::receiver_down::count;
use phoenix_otel_tests::wait::LIVENESS;
use phoenix_otel_tests::{Samples, http, isolated, wait_until};

use super::test_double::{Act, Double};

/// The timeout of the working exporters, which they never reach.
const NEVER: Duration = LIVENESS.saturating_mul(2);
/// The timeout of the failing exporters.
pub(crate) const SHORT: Duration = Duration::from_secs(1);

pub(crate) const BAD: [(&str, Act); 11] = [
    ("fails", Act::Fails),
    ("panics", Act::Panics),
    ("hangs", Act::Hangs),
    ("blocks", Act::Blocks),
    ("blocks-in-flush", Act::BlocksInFlush),
    ("panics-in-flush", Act::PanicsInFlush),
    ("blocks-in-shutdown", Act::BlocksInShutdown),
    ("blocks-in-temporality", Act::BlocksInTemporality),
    ("panics-in-temporality", Act::PanicsInTemporality),
    ("blocks-in-drop", Act::BlocksInDrop),
    ("panics-in-drop", Act::PanicsInDrop),
];

/// Returns each exporter that failed, with the reason.
fn lost(delivery: Delivery) -> BTreeMap<String, String> {
    delivery.undelivered().map(|lost| (lost.exporter.clone(), lost.reason.clone())).collect()
}

#[track_caller]
fn assert_lost(lost: &BTreeMap<String, String>, expected: &[(&str, &str)]) {
    assert_eq!(lost.keys().map(String::as_str).collect::<Vec<_>>(), names(expected), "{lost:#?}");
    for (name, reason) in expected {
        assert!(lost[*name].contains(reason), "{name}: {}", lost[*name]);
    }
}

fn names<'n>(pairs: &[(&'n str, &str)]) -> Vec<&'n str> {
    let mut names: Vec<_> = pairs.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names
}

fn line(telemetry: &Telemetry, exporter: &str) -> String {
    let health = telemetry.health().to_string();
    let line = health.lines().find_map(|line| line.strip_prefix(&format!("{exporter}: ")));
    line.unwrap_or_else(|| panic!("{exporter} in {health}")).to_owned()
}

#[test]
fn a_failing_one_does_not_affect_the_others() {
    isolated!();
    let sink = Sink::http(None, &[]);
    // All have delta temporality, so only a flush and the shutdown export. `start.rs` tests the exports at the start.
    let fine = Double::deltas();
    let mut builder = phoenix_otel::builder("guests")
        .environment([("", ""); 0])
        .export_timeout(NEVER)
        .shutdown_timeout(Duration::from_secs(10))
        .exporter(Prometheus::new().host("127.0.0.1").port(0))
        .exporter(Otlp::new().endpoint(format!("http://127.0.0.1:{}", sink.port())));
    for (name, act) in BAD {
        builder = builder.push_exporter(name, PushExporter::new(Double::new(act).with_deltas()).export_timeout(SHORT));
    }
    let begun = Instant::now();
    let telemetry = builder.push_exporter("fine", fine.clone()).init().unwrap();
    assert!(begun.elapsed() < LIVENESS, "{:?}", begun.elapsed());
    count(&telemetry, 41);

    let begun = Instant::now();
    let flushed = lost(telemetry.force_flush());
    assert!(begun.elapsed() < LIVENESS, "{:?}", begun.elapsed());
    assert_lost(
        &flushed,
        &[
            ("fails", "the disk is full"),
            ("panics", "the export panicked; see the service's log"),
            ("hangs", "the export did not complete within"),
            ("blocks", "the export did not complete within"),
            ("blocks-in-flush", "the flush of the exporter did not complete within"),
            ("panics-in-flush", "the flush of the exporter panicked; see the service's log"),
        ],
    );
    assert_eq!((fine.exported(), sink.next().sum("counted")), (vec![41], Some(41)));
    assert_eq!(fine.calls(), ["export", "flush"]);

    let address = telemetry.scrape_address().unwrap();
    let page = http::get(&format!("http://{address}/healthz"), &[]).unwrap().ok().unwrap();
    assert_eq!(page, telemetry.health().to_string());
    assert!(!page.contains("a bug of"), "the text of a panic is the service's own: {page}");
    for (name, _) in BAD {
        let failing = line(&telemetry, name).starts_with("failing (consecutive failures: 1): ");
        assert_eq!(failing, flushed.contains_key(name), "{page}");
    }
    for fine in [
        "fine",
        "otlp",
        "blocks-in-shutdown",
        "blocks-in-temporality",
        "panics-in-temporality",
        "blocks-in-drop",
        "panics-in-drop",
    ] {
        assert!(line(&telemetry, fine).starts_with("ok, last export "), "{page}");
    }
    self_metrics(&Samples::parse(&http::get(&format!("http://{address}/metrics"), &[]).unwrap().ok().unwrap()));

    count(&telemetry, 1);
    let begun = Instant::now();
    let ended = lost(telemetry.shutdown());
    assert!(begun.elapsed() < LIVENESS, "{:?}", begun.elapsed());
    assert_lost(
        &ended,
        &[
            ("fails", "the disk is full"),
            ("panics", "the export panicked; see the service's log"),
            ("hangs", "the export did not complete within"),
            ("blocks", "the exporter has not returned from an earlier call"),
            ("blocks-in-flush", "the exporter has not returned from an earlier call"),
            ("blocks-in-shutdown", "the shutdown of the exporter did not complete within"),
        ],
    );
    assert_eq!((fine.exported(), sink.next().sum("counted")), (vec![41, 1], Some(42)));
    assert_eq!(fine.calls(), ["export", "flush", "export", "shutdown"]);
    assert!(telemetry.health().to_string().lines().all(|line| line.ends_with(": shut down")), "{}", telemetry.health());
}

/// Each exporter has its own series in the self-monitoring metrics, although most have the same type.
fn self_metrics(samples: &Samples) {
    const POINTS: &str = "otel_sdk_exporter_metric_data_point_exported_total";
    const OPERATIONS: &str = "otel_sdk_exporter_operation_duration_seconds_count";
    const COLLECTIONS: &str = "otel_sdk_metric_reader_collection_duration_seconds_count";
    const LAST: &str = "phoenix_otel_last_export_timestamp_seconds";
    let kind = std::any::type_name::<Double>();
    let of = |name: &str, exporter: &str, error: Option<&str>| {
        let component = format!("{kind}/{exporter}");
        let labels = [("otel_component_type", kind), ("otel_component_name", component.as_str())];
        let found =
            samples.all(name, &labels).find(|sample| sample.labels.get("error_type").map(|label| &**label) == error);
        found.map(|sample| sample.value)
    };
    for (exporter, error) in [
        ("fails", Some("failed")),
        ("panics", Some("panic")),
        ("hangs", Some("timeout")),
        ("blocks", Some("timeout")),
        ("blocks-in-flush", None),
        ("blocks-in-shutdown", None),
        ("fine", None),
    ] {
        assert_eq!(of(OPERATIONS, exporter, error), Some(1.0), "{exporter}");
        assert!(of(POINTS, exporter, error).is_some_and(|points| points > 0.0), "{exporter}");
        let others = [None, Some("failed"), Some("panic"), Some("timeout"), Some("abandoned"), Some("busy")];
        for other in others.into_iter().filter(|other| *other != error) {
            assert_eq!(of(OPERATIONS, exporter, other), Some(0.0), "{exporter} {other:?}");
        }
        let reader = format!("periodic_metric_reader/{exporter}");
        let collections: f64 = samples.all(COLLECTIONS, &[("otel_component_name", &reader)]).map(|one| one.value).sum();
        assert_eq!(collections, 1.0, "{exporter}");
        assert_eq!(samples.get(LAST, &[("exporter", exporter)]).is_some(), error.is_none(), "{exporter}");
    }
    let otlp = [
        ("otel_component_type", "otlp_http_metric_exporter"),
        ("otel_component_name", "otlp_http_metric_exporter/otlp"),
    ];
    let exported: Vec<_> = samples.all(OPERATIONS, &otlp).filter(|sample| sample.value > 0.0).collect();
    assert!(exported.len() == 1 && !exported[0].labels.contains_key("error_type"), "{exported:?}");
}

/// An exporter that is stuck is not called again, and periodic pushes of the others do not wait for it.
#[test]
fn periodic_pushes_skip_a_stuck_exporter() {
    isolated!();
    let (stuck, fine) = (Double::new(Act::Blocks), Double::new(Act::Fine));
    let often = Duration::from_millis(5);
    let telemetry = phoenix_otel::builder("guests")
        .without_exporter()
        .interval(often)
        .shutdown_timeout(SHORT)
        .push_exporter("stuck", PushExporter::new(stuck.clone()).export_timeout(Duration::from_millis(50)))
        .push_exporter("fine", fine.clone())
        .init()
        .unwrap();
    wait_until("many exports", || {
        let stuck = line(&telemetry, "stuck").ends_with(": the exporter has not returned from an earlier call");
        if fine.exported().len() > 50 && stuck { Ok(()) } else { Err(telemetry.health().to_string()) }
    });
    assert_eq!(stuck.calls(), ["export"]);
    assert_eq!(names(&lost(telemetry.shutdown()).iter().map(|(a, b)| (&**a, &**b)).collect::<Vec<_>>()), ["stuck"]);
}
