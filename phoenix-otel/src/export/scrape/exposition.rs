//! What a scrape returns: the metrics of now, encoded.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::catalog::Kind;
use crate::error::ScrapeError;
use crate::exemplar::Store;
use crate::export::count::points;
use crate::export::prometheus::{Format, Input, Report, SummaryInstrument, ZeroHistogram, encode};
use crate::export::reader::SharedReader;
use crate::export::registry::Registries;
use crate::export::watch::{Outcome, UnderWay, Watch};
use crate::lock::lock;
use crate::report::report;
use crate::view::Streams;

/// Reads what is served on the endpoint.
#[derive(Debug)]
pub(crate) struct Exposition {
    reader: SharedReader,
    streams: Arc<Streams>,
    /// Has metrics of the `prometheus` crate that are shown beside ours.
    registries: Registries,
    /// How much the newest exposition could not hold.
    left_out: AtomicUsize,
    /// What was left out, and told.
    told: Mutex<HashSet<(String, &'static str)>>,
    exemplars: Arc<Store>,
    watch: Arc<dyn Watch>,
}

impl Exposition {
    pub(crate) fn new(
        reader: SharedReader,
        streams: Arc<Streams>,
        registries: Registries,
        watch: Arc<dyn Watch>,
        exemplars: Arc<Store>,
    ) -> Self {
        Self { reader, streams, registries, left_out: AtomicUsize::new(0), told: Mutex::default(), watch, exemplars }
    }

    /// The metrics of now, for the exporter. It runs the callbacks of observable instruments, which may block.
    pub(crate) fn encode(&self, format: Format) -> Result<Vec<u8>, ScrapeError> {
        self.encode_for(&*self.watch, format)
    }

    /// The same for somebody who looks: that is no scrape, so it is not counted as one.
    pub(crate) fn show(&self, format: Format) -> Result<Vec<u8>, ScrapeError> {
        self.encode_for(&(), format)
    }

    /// How many samples the newest exposition could not hold.
    pub(crate) fn left_out(&self) -> usize {
        self.left_out.load(Ordering::Relaxed)
    }

    /// Collects for those who see collections.
    pub(crate) fn collect(&self) -> Result<(), ScrapeError> {
        self.reader.snapshot().map(drop).map_err(ScrapeError::Collect)
    }

    fn encode_for(&self, watch: &dyn Watch, format: Format) -> Result<Vec<u8>, ScrapeError> {
        // Before the metrics: what left an exemplar is then counted in its bucket.
        let exemplars = (format == Format::OpenMetrics).then(|| self.exemplars.snapshot());
        let collecting = UnderWay::new(|outcome, took| watch.collected(outcome, took));
        let metrics = self.reader.snapshot();
        collecting.end(if metrics.is_ok() { Outcome::Success } else { Outcome::Failed });
        let metrics = metrics.map_err(ScrapeError::Collect)?;
        let points = points(&metrics);
        let left_out = Cell::new(0);
        let encoding = UnderWay::new(|outcome, took| watch.exported(outcome, points, left_out.get(), took));
        let streams = self.streams.used();
        // The SDK exports a histogram without labels only from its first value on.
        let zeros: Vec<_> = streams
            .iter()
            .filter(|stream| stream.def.kind == Kind::Histogram && stream.labels().next().is_none())
            .map(|stream| ZeroHistogram {
                name: &stream.name,
                description: &stream.description,
                unit: stream.def.unit,
                bounds: stream.bounds(),
            })
            .collect();
        let summaries: Vec<_> = streams
            .iter()
            .filter(|stream| stream.def.kind == Kind::Summary)
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
            ours: self.streams.ours(),
        };
        let report = encode(&input, format, &mut out);
        left_out.set(report.dropped.iter().map(|dropped| dropped.points).sum());
        encoding.end(Outcome::Success);
        for dropped in &report.dropped {
            watch.dropped(&dropped.metric, dropped.reason.counted(), dropped.points as u64);
        }
        self.left_out.store(left_out.get(), Ordering::Relaxed);
        self.tell(&report);
        Ok(out)
    }
}

impl Exposition {
    /// Says what the exposition could not hold, once for each metric: a scrape comes every few seconds.
    fn tell(&self, report: &Report) {
        for dropped in &report.dropped {
            let reason = dropped.reason.as_str();
            let mut told = lock(&self.told);
            if told.insert((dropped.metric.clone(), reason)) {
                let (metric, points) = (&dropped.metric, dropped.points);
                report!(WARN, { metric, points, reason }, "samples are left out of the exposition; phoenix_otel_dropped_total counts them");
            }
        }
    }
}
