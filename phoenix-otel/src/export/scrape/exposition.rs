//! The response to a scrape: the current metrics, encoded.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::catalog::Kind;
use crate::config::options::Translation;
use crate::error::ScrapeError;
use crate::exemplar::Store;
use crate::export::count::points;
use crate::export::monitor::{ExportMonitor, OperationTimer, Outcome};
use crate::export::prometheus::{Format, Input, MediaType, Names, Report, SummaryInstrument, ZeroHistogram, encode};
use crate::export::reader::SharedReader;
use crate::export::registry::Registries;
use crate::export::switches::SwitchedOff;
use crate::lock::lock;
use crate::report::report;
use crate::view::{Buckets, Streams};

/// Collects and encodes the metrics of an endpoint.
#[derive(Debug)]
pub(crate) struct Exposition {
    reader: SharedReader,
    streams: Arc<Streams>,
    /// The registry of the `prometheus` crate whose metrics are also exported.
    registries: Registries,
    /// The number of samples that the newest exposition dropped.
    dropped: AtomicUsize,
    /// The metrics with dropped samples that were already reported, each with the reason.
    reported: Mutex<HashSet<(String, &'static str)>>,
    exemplars: Arc<Store>,
    monitor: Arc<dyn ExportMonitor>,
    options: ExpositionOptions,
}

/// The options of an endpoint that affect its expositions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ExpositionOptions {
    pub(crate) translation: Translation,
    /// Whether native histograms also have classic buckets.
    pub(crate) classic_histograms: bool,
}

impl Exposition {
    pub(crate) fn new(
        reader: SharedReader,
        streams: Arc<Streams>,
        registries: Registries,
        monitor: Arc<dyn ExportMonitor>,
        exemplars: Arc<Store>,
    ) -> Self {
        Self {
            reader,
            streams,
            registries,
            dropped: AtomicUsize::new(0),
            reported: Mutex::default(),
            monitor,
            exemplars,
            options: ExpositionOptions::default(),
        }
    }

    /// Sets the options.
    pub(crate) fn with_options(self, options: ExpositionOptions) -> Self {
        Self { options, ..self }
    }

    /// The current metrics, for a scrape. It runs the callbacks of observable instruments, which may block.
    pub(crate) fn encode(&self, MediaType { format, escaping }: MediaType) -> Result<Vec<u8>, ScrapeError> {
        self.encode_for(&*self.monitor, format, Names { translation: self.options.translation, escaping })
    }

    /// The current metrics for the live page, which reads the default names. It is not counted as a scrape.
    pub(crate) fn encode_for_page(&self, format: Format) -> Result<Vec<u8>, ScrapeError> {
        self.encode_for(&(), format, Names::default())
    }

    /// The number of samples that the newest exposition dropped.
    pub(crate) fn dropped(&self) -> usize {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Collects only for the observer of collections.
    pub(crate) fn collect(&self) -> Result<(), ScrapeError> {
        self.reader.snapshot().map(drop).map_err(ScrapeError::Collect)
    }

    fn encode_for(&self, monitor: &dyn ExportMonitor, format: Format, names: Names) -> Result<Vec<u8>, ScrapeError> {
        // Read before the metrics, so that each exemplar is already counted in its bucket.
        let exemplars = format.has_exemplars().then(|| self.exemplars.snapshot());
        let collecting = OperationTimer::new(|outcome, took| monitor.collected(outcome, took));
        let metrics = self.reader.snapshot();
        collecting.end(if metrics.is_ok() { Outcome::Success } else { Outcome::Failed });
        let metrics = metrics.map_err(ScrapeError::Collect)?;
        let off = SwitchedOff::of(&metrics, &self.streams);
        let points = points(&metrics, &off);
        let dropped = Cell::new(0);
        let encoding = OperationTimer::new(|outcome, took| monitor.exported(outcome, points, dropped.get(), took));
        let streams = self.streams.used();
        // The SDK exports a histogram without labels only after its first value.
        let zeros: Vec<_> = streams
            .iter()
            .filter(|stream| !off.has(crate::view::SCOPE, &stream.name))
            .filter(|stream| stream.def.kind == Kind::Histogram && stream.labels().next().is_none())
            .map(|stream| ZeroHistogram {
                name: &stream.name,
                description: &stream.description,
                unit: stream.def.unit,
                bounds: stream.bounds(),
                exponential: matches!(stream.buckets, Buckets::Exponential { .. }),
            })
            .collect();
        let summaries: Vec<_> = streams
            .iter()
            .filter(|stream| stream.def.kind == Kind::Summary && !off.has(crate::view::SCOPE, &stream.name))
            .map(|stream| SummaryInstrument { name: &stream.name, unit: stream.def.unit })
            .collect();
        let gathered = self.registries.gather();
        let foreign = gathered.families();
        let mut out = Vec::new();
        let input = Input {
            metrics: &metrics,
            zeros: &zeros,
            summaries: &summaries,
            foreign: &foreign,
            exemplars: exemplars.as_ref(),
            ours: &self.streams.ours(),
            off: &off,
            names,
            classic_histograms: self.options.classic_histograms,
        };
        let report = encode(&input, format, &mut out);
        dropped.set(report.dropped.iter().map(|dropped| dropped.points).sum());
        encoding.end(Outcome::Success);
        for dropped in &report.dropped {
            monitor.dropped(&dropped.metric, dropped.reason.counted(), dropped.points as u64);
        }
        self.dropped.store(dropped.get(), Ordering::Relaxed);
        self.report_dropped(&report);
        Ok(out)
    }
}

impl Exposition {
    /// Logs the samples that the exposition dropped, once for each metric and reason, because scrapes are frequent.
    fn report_dropped(&self, report: &Report) {
        for dropped in &report.dropped {
            let reason = dropped.reason.as_str();
            // The lock is not held for the line, since a log sink may collect.
            if lock(&self.reported).insert((dropped.metric.clone(), reason)) {
                let (metric, points) = (&dropped.metric, dropped.points);
                report!(WARN, { metric, points, reason }, "samples are dropped from the exposition; phoenix_otel_dropped_total counts them");
            }
        }
    }
}
