//! A foreign reader: it reads the SDK by itself, and here is what keeps it from holding up anything else.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, Pipeline, Temporality};

use crate::export::seam::{Apart, Asked, ask};
use crate::lock::lock;
use crate::report::report;

/// How long readers may take over what they are asked at the start: all of them together, since they are asked at the same time.
const ANSWER: Duration = Duration::from_secs(1);

const KINDS: [InstrumentKind; 7] = [
    InstrumentKind::Counter,
    InstrumentKind::UpDownCounter,
    InstrumentKind::Histogram,
    InstrumentKind::Gauge,
    InstrumentKind::ObservableCounter,
    InstrumentKind::ObservableUpDownCounter,
    InstrumentKind::ObservableGauge,
];

/// What a reader says of the temporality of each kind.
pub(crate) type Temporalities = [Temporality; KINDS.len()];

/// Begins to ask a reader for its temporality.
pub(crate) fn ask_temporalities(reader: &Arc<Apart<Box<dyn MetricReader>>>) -> Asked<Temporalities> {
    let asked = reader.clone();
    ask(move || KINDS.map(|kind| asked.temporality(kind)))
}

/// A reader that somebody else wrote. Its clones are the same reader.
#[derive(Clone)]
pub(crate) struct ForeignReader {
    name: Arc<str>,
    inner: Arc<Apart<Box<dyn MetricReader>>>,
    /// Asked once: the SDK asks for it under its locks, on threads of the service.
    temporalities: Arc<Temporalities>,
    ended: Arc<AtomicBool>,
    /// Its registration, until it is waited for.
    registering: Arc<Mutex<Option<Asked<()>>>>,
    /// Why the reader has nothing to read, as long as it has nothing.
    unregistered: Arc<Mutex<Option<String>>>,
}

impl ForeignReader {
    /// A reader that is asked for its temporality.
    pub(crate) fn new(
        name: Arc<str>,
        inner: Arc<Apart<Box<dyn MetricReader>>>,
        temporalities: Asked<Temporalities>,
    ) -> Self {
        let temporalities = temporalities.within(ANSWER).unwrap_or_else(|why| {
            let reader = &*name;
            report!(WARN, { reader, why }, "a reader did not say its temporality, which is taken to be cumulative");
            [Temporality::Cumulative; KINDS.len()]
        });
        let unregistered = Arc::new(Mutex::new(Some("the reader is not registered".to_owned())));
        let (temporalities, ended, registering) = (Arc::new(temporalities), Arc::default(), Arc::default());
        Self { name, inner, temporalities, ended, registering, unregistered }
    }

    /// Waits until the reader is registered, for a bounded time. The SDK registers readers one after the other, so each does it on a thread.
    pub(crate) fn registered(&self) {
        let Some(registering) = lock(&self.registering).take() else { return };
        if let Err(why) = registering.within(ANSWER) {
            let reason = format!("the reader has no metrics to read, since in `register_pipeline` {why}");
            if let Some(trouble) = &mut *lock(&self.unregistered) {
                trouble.clone_from(&reason);
            }
            let reader = &*self.name;
            report!(WARN, { reader, reason }, "a reader could not be registered");
        }
    }

    /// Why the reader has nothing to read, if it has nothing: what it exports then is empty, whatever it says of it.
    pub(crate) fn trouble(&self) -> Option<String> {
        lock(&self.unregistered).clone()
    }

    /// Lets the reader export what it holds. It may block for ever.
    pub(crate) fn flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    /// Lets the reader export what it holds for the last time. It may block for ever. A second call is an error.
    pub(crate) fn end(&self, timeout: Duration) -> OTelSdkResult {
        if self.ended.swap(true, Ordering::AcqRel) {
            return Err(OTelSdkError::AlreadyShutdown);
        }
        self.inner.shutdown_with_timeout(timeout)
    }
}

impl MetricReader for ForeignReader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        let (inner, unregistered) = (self.inner.clone(), self.unregistered.clone());
        let registering = ask(move || {
            inner.register_pipeline(pipeline);
            // It may come after the wait has ended.
            *lock(&unregistered) = None;
        });
        *lock(&self.registering) = Some(registering);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.inner.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.flush()
    }

    /// The SDK shuts readers down one after the other, and one that hangs would keep it from the next. Each was shut down before, by its
    /// own task.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        match self.end(timeout) {
            Err(OTelSdkError::AlreadyShutdown) => Ok(()),
            other => other,
        }
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        KINDS.iter().position(|known| *known == kind).map_or(Temporality::Cumulative, |at| self.temporalities[at])
    }
}

impl fmt::Debug for ForeignReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the reader {}", self.name)
    }
}
