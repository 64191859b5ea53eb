//! The history of an SDK whose clock the test controls.

use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use serde_json::Value;

use super::*;
use crate::callbacks::Callbacks;
use crate::catalog::function::{REQUEST_DURATION, REQUESTS, REQUESTS_ACTIVE};
use crate::catalog::naming::Naming;
use crate::export::reader::{Readers, SharedReader};
use crate::view::{InstrumentKind, SCOPE};

struct Service {
    live: Arc<Live>,
    time: Arc<AtomicU64>,
    reader: SharedReader,
    meter: Meter,
    _provider: SdkMeterProvider,
}

fn service() -> Service {
    let streams = Arc::new(Streams::new(Naming::new("phoenix", "shop", "service"), Vec::new()));
    let tracked = [
        (REQUESTS::DEF, InstrumentKind::Counter, Role::Requests),
        (REQUEST_DURATION::DEF, InstrumentKind::Histogram, Role::Duration),
        (REQUESTS_ACTIVE::DEF, InstrumentKind::UpDownCounter, Role::Active),
    ];
    let tracked = tracked.map(|(def, kind, role)| {
        streams.define(def, kind, None);
        Tracked::new(def, Group::Functions, role)
    });
    let time = Arc::new(AtomicU64::new(1_000_000));
    let now = time.clone();
    let clock: Clock = Arc::new(move || now.load(Ordering::SeqCst));
    let settings = Page { history: true, ..Page::default() };
    let live = Live::with_clock(settings, streams, (tracked.to_vec(), ServiceInfo::default()), clock);
    let mut readers = Readers::new(Callbacks::default(), live.observer());
    let reader = readers.cumulative();
    let provider = SdkMeterProvider::builder().with_reader(reader.clone()).build();
    let meter = provider.meter(SCOPE);
    Service { live, time, reader, meter, _provider: provider }
}

impl Service {
    /// Collects after this many milliseconds.
    fn collect_after(&self, millis: u64) {
        self.time.fetch_add(millis, Ordering::SeqCst);
        self.reader.snapshot().unwrap();
    }

    fn history(&self, of: &str, frame: u64, series: usize) -> Value {
        let json = self.live.history(of, frame, series, "prometheus: ok: really\n");
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
    }

    fn requests(&self, method: &'static str, count: u64) {
        let counter = self.meter.u64_counter("phoenix.shop.requests").build();
        counter.add(count, &[KeyValue::new("method", method), KeyValue::new("status", "ok")]);
    }
}

/// The values at every time, by slot.
fn moments(history: &Value) -> Vec<(u64, Vec<i64>)> {
    let history = &history["history"];
    let mut values: Vec<i64> =
        history["base"]["values"].as_array().unwrap().iter().map(|value| value.as_i64().unwrap()).collect();
    let mut moments = vec![(history["base"]["at"].as_u64().unwrap(), values.clone())];
    for frame in history["frames"].as_array().unwrap() {
        let frame: Vec<i64> = frame.as_array().unwrap().iter().map(|value| value.as_i64().unwrap()).collect();
        for change in frame[1..].chunks(2) {
            values[usize::try_from(change[0]).unwrap()] += change[1];
        }
        moments.push((u64::try_from(frame[0]).unwrap(), values.clone()));
    }
    moments
}

#[test]
fn collections_are_kept_once_the_page_is_served() {
    let service = service();
    service.requests("plan", 1);
    service.collect_after(1_000);
    assert_eq!(service.history("", 0, 0)["history"]["base"]["at"], Value::Null);
    assert!(service.live.is_due());

    service.live.enable();
    service.collect_after(1_000);
    service.requests("plan", 2);
    service.collect_after(1_000);
    // Too soon after the last one: it is not kept, and the page need not collect.
    service.requests("plan", 4);
    assert!(!service.live.is_due());
    service.collect_after(100);
    service.collect_after(900);
    let seen = service.history("", 0, 0);
    assert_eq!(moments(&seen), [(1_002_000, vec![1]), (1_003_000, vec![3]), (1_004_000, vec![7])]);
    let history = &seen["history"];
    assert_eq!(history["series"][0]["labels"], serde_json::json!({ "method": "plan", "status": "ok" }));
    let metric = &history["metrics"][0];
    assert_eq!(
        (&metric["name"], &metric["group"], &metric["role"], &metric["family"]),
        (&"phoenix_shop_requests_total".into(), &"functions".into(), &"requests".into(), &"phoenix.shop".into())
    );
    assert_eq!(seen["exporters"], serde_json::json!([{ "name": "prometheus", "health": "ok: really" }]));
}

#[test]
fn the_buckets_of_a_histogram_are_kept() {
    let service = service();
    service.live.enable();
    let histogram =
        service.meter.f64_histogram("phoenix.shop.request.duration").with_boundaries(vec![0.1, 1.0]).build();
    histogram.record(0.05, &[KeyValue::new("method", "plan")]);
    service.collect_after(1_000);
    histogram.record(0.1, &[KeyValue::new("method", "plan")]);
    histogram.record(9.0, &[KeyValue::new("method", "plan")]);
    service.collect_after(1_000);
    let seen = service.history("", 0, 0);
    assert_eq!(seen["history"]["metrics"][0]["bounds"], serde_json::json!([0.1, 1.0]));
    assert_eq!(seen["history"]["series"][0]["slots"], 3);
    assert_eq!(moments(&seen).iter().map(|(_, values)| values.clone()).collect::<Vec<_>>(), [[1, 0, 0], [2, 0, 1]]);
}

#[test]
fn the_page_continues_where_it_was() {
    let service = service();
    service.live.enable();
    service.requests("plan", 1);
    service.collect_after(1_000);
    service.collect_after(1_000);
    let first = service.history("", 0, 0);
    assert_eq!((&first["history"]["continues"], &first["history"]["next"]), (&false.into(), &1.into()));
    let instance = first["instance"].as_str().unwrap();

    service.requests("replan", 5);
    service.collect_after(1_000);
    let second = service.history(instance, 1, 1);
    assert_eq!(second["history"]["continues"], true);
    assert_eq!(second["history"]["base"], Value::Null);
    assert_eq!(second["history"]["frames"], serde_json::json!([[1_003_000, 1, 5]]));
    assert_eq!(second["history"]["series"].as_array().unwrap().len(), 1);
    assert_eq!(second["history"]["series"][0]["labels"]["method"], "replan");

    // The history starts again for another instance and for frames that do not exist.
    for (instance, frame) in [("another", 1), (instance, 99)] {
        let again = service.history(instance, frame, 2);
        assert_eq!(again["history"]["continues"], false);
        assert_eq!(moments(&again).len(), 3);
    }
}

#[test]
fn the_memory_is_bounded() {
    let service = service();
    service.live.enable();
    let counter = service.meter.u64_counter("phoenix.shop.requests").build();
    let count = |round: u64| {
        for series in 0..1_900_u64 {
            let method = format!("{series}{}", "x".repeat(400));
            counter.add(series * round % 7_919, &[KeyValue::new("method", method), KeyValue::new("status", "ok")]);
        }
    };
    for round in 1..=400 {
        count(round);
        service.collect_after(1_000);
    }
    let seen = service.history("", 0, 0);
    let history = &seen["history"];
    assert!(history["left_out"].as_u64().unwrap() > 500, "{}", history["left_out"]);
    assert!(history["series"].as_array().unwrap().len() > 500);
    let frames = history["frames"].as_array().unwrap().len();
    assert!((50..399).contains(&frames), "{frames} frames");
    let bytes = history["bytes"].as_u64().unwrap();
    assert!((512 * 1024..=1024 * 1024).contains(&bytes), "{bytes} bytes");
}

#[test]
fn without_a_history_there_is_no_observer() {
    let streams = Arc::new(Streams::new(Naming::new("phoenix", "shop", "service"), Vec::new()));
    let live = Live::new(Page::default(), streams, (Vec::new(), ServiceInfo::default()));
    live.enable();
    assert!(live.observer().is_none());
    assert!(!live.is_due());
    let json: Value = serde_json::from_str(&live.history("", 0, 0, "")).unwrap();
    assert_eq!(json["history"], Value::Null);
}
