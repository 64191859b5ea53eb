//! The readers that exporters share.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};

use crate::export::count::points;
use crate::export::push::Collect;
use crate::report::report;

/// Data points that wait for an exporter of deltas while others collect. One that is stuck, or exports very much more rarely than another,
/// loses the oldest.
const MOST_WAITING: usize = 100_000;

/// A reader that is asked. Its clones read the same aggregation.
///
/// Exporters of one temporality share one, so that a measurement is aggregated once however many of them there are, and
/// all of them export the same.
#[derive(Clone)]
pub(crate) struct SharedReader {
    inner: Arc<ManualReader>,
    /// With deltas, what each exporter has not taken yet: a collection takes out of the aggregation what all of them are to export.
    backlogs: Arc<Mutex<Vec<Weak<Mutex<Backlog>>>>>,
}

/// What was collected and one exporter has not taken.
#[derive(Default)]
struct Backlog {
    batches: VecDeque<Arc<ResourceMetrics>>,
    points: usize,
    lost: usize,
}

impl Backlog {
    fn push(&mut self, batch: Arc<ResourceMetrics>) {
        self.points += points(&batch);
        self.batches.push_back(batch);
        while self.points > MOST_WAITING && self.batches.len() > 1 {
            let oldest = self.batches.pop_front().map_or(0, |batch| points(&batch));
            self.points -= oldest;
            self.lost += oldest;
        }
    }
}

impl SharedReader {
    pub(crate) fn new(temporality: Temporality) -> Self {
        let inner = Arc::new(ManualReader::builder().with_temporality(temporality).build());
        Self { inner, backlogs: Arc::default() }
    }

    /// What an exporter collects by: each time the metrics of now.
    pub(crate) fn totals(&self) -> Collect {
        let reader = self.clone();
        Arc::new(move || Ok(vec![Arc::new(reader.snapshot()?)]))
    }

    /// What an exporter collects by: each time all that was recorded since the last time, whoever collected in between.
    pub(crate) fn deltas(&self, exporter: Arc<str>) -> Collect {
        let own = Arc::<Mutex<Backlog>>::default();
        lock(&self.backlogs).push(Arc::downgrade(&own));
        let reader = self.clone();
        Arc::new(move || {
            // Held until all have it, so that nobody gets a later collection before an earlier one.
            let mut backlogs = lock(&reader.backlogs);
            let batch = Arc::new(reader.snapshot()?);
            backlogs.retain(|backlog| backlog.strong_count() > 0);
            for backlog in backlogs.iter().filter_map(Weak::upgrade) {
                lock(&backlog).push(batch.clone());
            }
            drop(backlogs);
            let Backlog { batches, lost, .. } = std::mem::take(&mut *lock(&own));
            if lost > 0 {
                let exporter = &*exporter;
                report!(WARN, { exporter, points = lost }, "deltas were dropped: they waited too long for their exporter");
            }
            Ok(batches.into())
        })
    }

    /// The metrics of now. It runs the callbacks of observable instruments, which may block.
    pub(crate) fn snapshot(&self) -> Result<ResourceMetrics, String> {
        let mut metrics = ResourceMetrics::default();
        self.collect(&mut metrics).map_err(|error| error.to_string())?;
        Ok(metrics)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for SharedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedReader")
    }
}

impl MetricReader for SharedReader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
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
        self.inner.temporality(kind)
    }
}

/// The readers that the exporters need: one for each temporality.
#[derive(Debug, Default)]
pub(crate) struct Readers(Vec<(Temporality, SharedReader)>);

impl Readers {
    /// The reader of this temporality, for those who share it.
    fn get(&mut self, temporality: Temporality) -> SharedReader {
        if let Some((_, reader)) = self.0.iter().find(|(of, _)| *of == temporality) {
            return reader.clone();
        }
        let reader = SharedReader::new(temporality);
        self.0.push((temporality, reader.clone()));
        reader
    }

    /// The reader of totals, for who takes them by itself.
    pub(crate) fn totals(&mut self) -> SharedReader {
        self.get(Temporality::Cumulative)
    }

    /// What the exporter called so collects by.
    pub(crate) fn collect(&mut self, temporality: Temporality, exporter: &Arc<str>) -> Collect {
        let reader = self.get(temporality);
        if temporality == Temporality::Cumulative { reader.totals() } else { reader.deltas(exporter.clone()) }
    }

    /// The reader of totals, if any exporter has it.
    pub(crate) fn cumulative(&self) -> Option<SharedReader> {
        let cumulative = self.0.iter().find(|(of, _)| *of == Temporality::Cumulative);
        cumulative.map(|(_, reader)| reader.clone())
    }

    /// All of them.
    pub(crate) fn all(self) -> impl Iterator<Item = SharedReader> {
        self.0.into_iter().map(|(_, reader)| reader)
    }
}
