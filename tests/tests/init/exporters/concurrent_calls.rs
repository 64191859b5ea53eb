//! Foreign code is called concurrently, so its timeout counts only once. In these tests each call waits for all others: with sequential
//! calls, the first one would never return.

use std::sync::{Arc, Barrier, Weak};
use std::time::Duration;

use phoenix_otel::opentelemetry_sdk::error::OTelSdkResult;
use phoenix_otel::opentelemetry_sdk::metrics::data::ResourceMetrics;
use phoenix_otel::opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use phoenix_otel::opentelemetry_sdk::metrics::reader::MetricReader;
use phoenix_otel::opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};
use phoenix_otel::{Component, ExporterSettings};
use phoenix_otel_tests::isolated;
use phoenix_otel_tests::receiver_down::count;

use super::test_double::{Act, Double, counted};

const ALL: usize = 3;

/// An exporter that returns its temporality once all exporters have been called.
struct Exporter {
    inner: Double,
    all: Arc<Barrier>,
}

impl PushMetricExporter for Exporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.inner.export(metrics).await
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.all.wait();
        Temporality::Delta
    }
}

#[test]
fn providers_are_called_concurrently() {
    isolated!();
    let (providers, exporters) = (Arc::new(Barrier::new(ALL)), Arc::new(Barrier::new(ALL)));
    let doubles: Vec<_> = (0..ALL).map(|_| Double::deltas()).collect();
    let mut builder = phoenix_otel::builder("together").without_listener();
    for (n, double) in doubles.iter().enumerate() {
        let (providers, exporters, inner) = (providers.clone(), exporters.clone(), double.clone());
        let provider = move |_: &ExporterSettings| {
            providers.wait();
            Ok(Component::push(Exporter { inner: inner.clone(), all: exporters.clone() }))
        };
        builder = builder.exporter_provider(format!("mine-{n}"), provider).exporter(format!("mine-{n}"));
    }
    delivers_deltas(builder, &doubles);
}

#[test]
fn exporters() {
    isolated!();
    let all = Arc::new(Barrier::new(ALL));
    let doubles: Vec<_> = (0..ALL).map(|_| Double::deltas()).collect();
    let mut builder = phoenix_otel::builder("together").without_exporter();
    for (n, inner) in doubles.iter().cloned().enumerate() {
        builder = builder.push_exporter(format!("mine-{n}"), Exporter { inner, all: all.clone() });
    }
    delivers_deltas(builder, &doubles);
}

/// If the temporality comes too late, each export has the cumulative count.
fn delivers_deltas(builder: phoenix_otel::Builder, doubles: &[Double]) {
    let telemetry = builder.init().expect("each provider returns");
    for n in [3, 4] {
        count(&telemetry, n);
        telemetry.force_flush().into_result().expect("each export succeeds");
    }
    for double in doubles {
        assert_eq!(double.exported(), [3, 4]);
    }
}

/// A reader that returns once all have been called.
#[derive(Clone, Debug)]
struct Reader {
    inner: Arc<ManualReader>,
    temporality: Arc<Barrier>,
    registration: Arc<Barrier>,
}

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.registration.wait();
        self.inner.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.inner.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        if kind == InstrumentKind::Counter {
            self.temporality.wait();
        }
        Temporality::Delta
    }
}

#[test]
fn readers() {
    isolated!();
    let (temporality, registration) = (Arc::new(Barrier::new(ALL)), Arc::new(Barrier::new(ALL)));
    let reader = |_| Reader {
        inner: Arc::new(ManualReader::builder().build()),
        temporality: temporality.clone(),
        registration: registration.clone(),
    };
    let readers: Vec<_> = (0..ALL).map(reader).collect();
    let fine = Double::new(Act::Fine);
    let builder = phoenix_otel::builder("together").without_exporter().push_exporter("fine", fine);
    let builder = readers.iter().cloned().fold(builder, phoenix_otel::Builder::reader);
    let telemetry = builder.init().unwrap();
    for n in [3, 4] {
        count(&telemetry, n);
        for reader in &readers {
            let mut metrics = ResourceMetrics::default();
            reader.collect(&mut metrics).expect("it is registered");
            assert_eq!(counted(&metrics), n);
        }
    }
    telemetry.shutdown().into_result().unwrap();
}
