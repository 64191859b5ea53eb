//! The readers through which exporters collect.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};

use crate::callbacks::Callbacks;
use crate::export::push::Collect;

/// Receives all metrics that any exporter collects with cumulative temporality.
pub(crate) trait CollectionObserver: Send + Sync {
    /// Called after each collection.
    fn collected(&self, metrics: &ResourceMetrics);
}

/// A reader that collects on demand. Clones read the same aggregation.
#[derive(Clone)]
pub(crate) struct SharedReader {
    reader: Arc<ManualReader>,
    callbacks: Callbacks,
    observer: Option<Arc<dyn CollectionObserver>>,
}

impl SharedReader {
    /// A reader whose collections call these callbacks first.
    pub(crate) fn new(temporality: Temporality, callbacks: Callbacks) -> Self {
        let reader = Arc::new(ManualReader::builder().with_temporality(temporality).build());
        Self { reader, callbacks, observer: None }
    }

    /// The function through which an exporter collects.
    pub(crate) fn collect_fn(self) -> Collect {
        Arc::new(move || self.snapshot().map(Arc::new))
    }

    /// Collects the current metrics. It runs the callbacks of observable instruments, which may block.
    pub(crate) fn snapshot(&self) -> Result<ResourceMetrics, String> {
        let mut metrics = ResourceMetrics::default();
        self.collect(&mut metrics).map_err(|error| error.to_string())?;
        if let Some(observer) = &self.observer {
            observer.collected(&metrics);
        }
        Ok(metrics)
    }
}

impl fmt::Debug for SharedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedReader")
    }
}

impl MetricReader for SharedReader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.reader.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        let collected = self.callbacks.collect(|| self.reader.collect(metrics));
        collected.unwrap_or_else(|nested| Err(OTelSdkError::InternalFailure(nested.to_owned())))
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.reader.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.reader.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.reader.temporality(kind)
    }
}

/// The readers that the exporters need.
///
/// All exporters with cumulative temporality share one reader, so a measurement is aggregated once for all of them, and they export the
/// same values. An exporter with delta temporality has its own reader: a collection removes the deltas from the aggregation, so with a shared
/// reader one exporter would remove deltas that another one has not exported yet.
#[derive(Default)]
pub(crate) struct Readers {
    cumulative: Option<SharedReader>,
    others: Vec<OwnReader>,
    /// The callbacks that each collection calls first.
    callbacks: Callbacks,
    /// Receives what the cumulative reader collects.
    observer: Option<Arc<dyn CollectionObserver>>,
    /// Whether the meter provider has them, so that no reader can be added.
    is_registered: bool,
    /// The exporters for which there is no reader.
    without_reader: Vec<Arc<str>>,
}

/// A reader that one exporter has for itself.
struct OwnReader {
    exporter: Arc<str>,
    temporality: Temporality,
    reader: SharedReader,
    /// Whether the exporter has ended, so that another one can take the reader.
    is_free: bool,
}

/// The exporters that have the readers.
#[cfg(feature = "config-file")]
pub(crate) struct Owners(Vec<(Arc<str>, bool)>);

impl Readers {
    /// No readers yet. Each collection will call `callbacks` first. `observer` will receive the metrics that the cumulative reader collects.
    pub(crate) fn new(callbacks: Callbacks, observer: Option<Arc<dyn CollectionObserver>>) -> Self {
        Self { callbacks, observer, ..Self::default() }
    }

    /// The cumulative reader. Creates it at the first call.
    pub(crate) fn cumulative(&mut self) -> SharedReader {
        let (callbacks, observer) = (&self.callbacks, &self.observer);
        let reader = self.cumulative.get_or_insert_with(|| SharedReader {
            observer: observer.clone(),
            ..SharedReader::new(Temporality::Cumulative, callbacks.clone())
        });
        reader.clone()
    }

    /// The function through which this exporter collects.
    ///
    /// If the meter provider exists, no reader can be added. An exporter with delta temporality then uses the reader of a former exporter with the
    /// same name, or one that an ended exporter has [left](Self::leave). Without such a reader each collection fails, and
    /// [`without_reader`](Self::without_reader) names the exporter.
    pub(crate) fn collect(&mut self, exporter: &Arc<str>, temporality: Temporality) -> Collect {
        match (temporality, &self.cumulative) {
            (Temporality::Cumulative, Some(reader)) => return reader.clone().collect_fn(),
            (Temporality::Cumulative, None) if !self.is_registered => return self.cumulative().collect_fn(),
            _ if self.is_registered => {}
            _ => {
                let own = SharedReader::new(temporality, self.callbacks.clone());
                self.others.push(OwnReader {
                    exporter: exporter.clone(),
                    temporality,
                    reader: own.clone(),
                    is_free: false,
                });
                return own.collect_fn();
            }
        }
        let fits = |own: &OwnReader| own.temporality == temporality;
        let own = self.others.iter().position(|own| fits(own) && own.exporter == *exporter);
        let own = own.or_else(|| self.others.iter().position(|own| fits(own) && own.is_free));
        match own.map(|index| &mut self.others[index]) {
            Some(own) => {
                own.exporter = exporter.clone();
                own.is_free = false;
                own.reader.clone().collect_fn()
            }
            None => {
                self.without_reader.push(exporter.clone());
                Arc::new(|| Err("no reader has this temporality".to_owned()))
            }
        }
    }

    /// The cumulative reader, if an exporter uses it.
    pub(crate) fn existing_cumulative(&self) -> Option<SharedReader> {
        self.cumulative.clone()
    }

    /// All readers, for the meter provider. None can be added after this.
    pub(crate) fn register(&mut self) -> impl Iterator<Item = SharedReader> {
        self.is_registered = true;
        self.cumulative.iter().cloned().chain(self.others.iter().map(|own| own.reader.clone()))
    }

    /// The exporters that got no reader since the last call, because there was none of their temporality for them.
    #[cfg(feature = "config-file")]
    pub(crate) fn without_reader(&mut self) -> Vec<Arc<str>> {
        std::mem::take(&mut self.without_reader)
    }

    /// These exporters end. Others can take their readers. Returns the owners before.
    #[cfg(feature = "config-file")]
    pub(crate) fn leave(&mut self, ended: &[Arc<str>]) -> Owners {
        let owners = self.others.iter().map(|own| (own.exporter.clone(), own.is_free)).collect();
        for own in self.others.iter_mut().filter(|own| ended.contains(&own.exporter)) {
            own.is_free = true;
        }
        Owners(owners)
    }

    /// Gives the readers back to their former owners.
    #[cfg(feature = "config-file")]
    pub(crate) fn restore(&mut self, owners: Owners) {
        for (own, (exporter, is_free)) in self.others.iter_mut().zip(owners.0) {
            own.exporter = exporter;
            own.is_free = is_free;
        }
    }
}
