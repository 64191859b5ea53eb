//! A scrape of 10,000 counters and 1,000 histograms of 14 bounds: ours, `opentelemetry-prometheus`, and the `prometheus` crate.
//!
//! `cargo bench -p phoenix-otel-benches --bench scrape` prints each time and its ratio to `opentelemetry-prometheus`. Goal: at most 0.35.

use std::hint::black_box;
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Temporality};
use phoenix_otel::__private::for_tests::prometheus::{Format, Input, encode};
use phoenix_otel_benches::{Contender, compare};
use prometheus::{Encoder, TextEncoder};

const COUNTERS: u64 = 10_000;
const HISTOGRAMS: u64 = 1_000;
const BOUNDS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// A reader that a provider and the benchmark share.
#[derive(Clone, Debug, Default)]
struct Reader(Arc<ManualReader>);

impl Reader {
    fn snapshot(&self) -> ResourceMetrics {
        let mut metrics = ResourceMetrics::default();
        self.0.collect(&mut metrics).expect("the provider is alive");
        metrics
    }
}

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

/// One provider with both readers, or instruments of the `prometheus` crate, with the same values.
struct Subjects {
    reader: Reader,
    otel: prometheus::Registry,
    native: prometheus::Registry,
    _provider: SdkMeterProvider,
}

fn subjects() -> Subjects {
    let (reader, otel, native) = (Reader::default(), prometheus::Registry::new(), prometheus::Registry::new());
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(otel.clone())
        .scope_info_enabled(false)
        .build()
        .expect("the registry is empty");
    let identity = [KeyValue::new("service", "orchestrator"), KeyValue::new("version", "1.2.3")];
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .with_reader(exporter)
        .with_resource(Resource::builder_empty().with_attributes(identity).build())
        .with_view(|_: &opentelemetry_sdk::metrics::Instrument| {
            // The default cap of 2,000 series would put most into the overflow series.
            opentelemetry_sdk::metrics::Stream::builder().with_cardinality_limit(20_000).build().ok()
        })
        .build();
    let meter = provider.meter("bench");
    let counter = meter.u64_counter("phoenix.requests").with_description("Requests.").build();
    let histogram =
        meter.f64_histogram("phoenix.request.duration").with_unit("s").with_boundaries(BOUNDS.to_vec()).build();
    let labels = &["method", "status"];
    let native_counter = prometheus::IntCounterVec::new(
        prometheus::Opts::new("phoenix_requests_total", "Requests.")
            .const_label("service", "orchestrator")
            .const_label("version", "1.2.3"),
        labels,
    )
    .expect("valid");
    let native_histogram = prometheus::HistogramVec::new(
        prometheus::HistogramOpts::new("phoenix_request_duration_seconds", "Time.")
            .buckets(BOUNDS.to_vec())
            .const_label("service", "orchestrator")
            .const_label("version", "1.2.3"),
        labels,
    )
    .expect("valid");
    for series in 0..COUNTERS {
        let (method, status) = (format!("method_{series}"), if series % 2 == 0 { "ok" } else { "error" });
        let attributes = [KeyValue::new("method", method.clone()), KeyValue::new("status", status)];
        counter.add(series * 7, &attributes);
        native_counter.with_label_values(&[&method, status]).inc_by(series * 7);
        if series < HISTOGRAMS {
            for value in [0.003, 0.07, 0.4, 20.0] {
                histogram.record(value, &attributes);
                native_histogram.with_label_values(&[&method, status]).observe(value);
            }
        }
    }
    native.register(Box::new(native_counter)).expect("new");
    native.register(Box::new(native_histogram)).expect("new");
    Subjects { reader, otel, native, _provider: provider }
}

fn ours(subjects: &Subjects, format: Format, out: &mut Vec<u8>) {
    out.clear();
    let metrics = subjects.reader.snapshot();
    encode(&Input::new(&metrics), format, out);
}

fn theirs(registry: &prometheus::Registry, out: &mut Vec<u8>) {
    out.clear();
    TextEncoder::new().encode(&registry.gather(), out).expect("it is writable");
}

static SUBJECTS: LazyLock<Subjects> = LazyLock::new(subjects);

/// Runs this number of scrapes.
fn repeat(times: u32, scrape: impl Fn(&Subjects, &mut Vec<u8>)) {
    let mut out = Vec::new();
    for _ in 0..times {
        scrape(&SUBJECTS, &mut out);
        black_box(&out);
    }
}

fn main() {
    // Created before the measurement.
    LazyLock::force(&SUBJECTS);
    let contenders = [
        Contender { name: "opentelemetry-prometheus", run: |n| repeat(n, |of, out| theirs(&of.otel, out)) },
        Contender { name: "phoenix-otel, text", run: |n| repeat(n, |of, out| ours(of, Format::Text, out)) },
        Contender {
            name: "phoenix-otel, OpenMetrics",
            run: |n| repeat(n, |of, out| ours(of, Format::OpenMetrics, out)),
        },
        Contender { name: "phoenix-otel, protobuf", run: |n| repeat(n, |of, out| ours(of, Format::Protobuf, out)) },
        Contender { name: "prometheus crate", run: |n| repeat(n, |of, out| theirs(&of.native, out)) },
        Contender {
            name: "the SDK's collection alone",
            run: |n| repeat(n, |of, _| drop(black_box(of.reader.snapshot()))),
        },
    ];
    compare("Scrape of 10,000 counters and 1,000 histograms", &contenders, 1, 20, 1);
}
