//! A foreign reader. It collects itself. This wrapper prevents it from delaying anything else.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, Pipeline, Temporality};

use crate::export::plugin::{DropOnThread, ThreadCall, spawn_call};
use crate::lock::lock;
use crate::report::report;

/// The timeout of calls of readers at the start. All readers are called at the same time, so the timeout applies to all of them together.
const READER_TIMEOUT: Duration = Duration::from_secs(1);

const KINDS: [InstrumentKind; 7] = [
    InstrumentKind::Counter,
    InstrumentKind::UpDownCounter,
    InstrumentKind::Histogram,
    InstrumentKind::Gauge,
    InstrumentKind::ObservableCounter,
    InstrumentKind::ObservableUpDownCounter,
    InstrumentKind::ObservableGauge,
];

/// The temporality of a reader for each instrument kind.
pub(crate) type Temporalities = [Temporality; KINDS.len()];

/// Starts the call that asks a reader for its temporality.
pub(crate) fn ask_temporalities(reader: &Arc<DropOnThread<Box<dyn MetricReader>>>) -> ThreadCall<Temporalities> {
    let asked = reader.clone();
    spawn_call(move || KINDS.map(|kind| asked.temporality(kind)))
}

/// A reader that another crate implements. Clones share it.
#[derive(Clone)]
pub(crate) struct ForeignReader {
    name: Arc<str>,
    inner: Arc<DropOnThread<Box<dyn MetricReader>>>,
    /// Requested once: the SDK needs it on threads of the service, while it holds locks, where the reader must not be called.
    temporalities: Arc<Temporalities>,
    ended: Arc<AtomicBool>,
    /// The call of `register_pipeline`, until something waits for it.
    registering: Arc<Mutex<Option<ThreadCall<()>>>>,
    /// The reason why the reader has no metrics to read. `None` once it is registered.
    unregistered: Arc<Mutex<Option<String>>>,
}

impl ForeignReader {
    /// Wraps a reader, and waits for its temporality.
    pub(crate) fn new(
        name: Arc<str>,
        inner: Arc<DropOnThread<Box<dyn MetricReader>>>,
        temporalities: ThreadCall<Temporalities>,
    ) -> Self {
        let temporalities = temporalities.wait_for(READER_TIMEOUT).unwrap_or_else(|why| {
            let reader = &*name;
            report!(WARN, { reader, why }, "a reader did not return its temporality; cumulative temporality is used");
            [Temporality::Cumulative; KINDS.len()]
        });
        let unregistered = Arc::new(Mutex::new(Some("the reader is not registered".to_owned())));
        let (temporalities, ended, registering) = (Arc::new(temporalities), Arc::default(), Arc::default());
        Self { name, inner, temporalities, ended, registering, unregistered }
    }

    /// Waits until the reader is registered, with a time limit. The SDK registers readers one after the other, so each registration runs on
    /// its own thread.
    pub(crate) fn registered(&self) {
        let Some(registering) = lock(&self.registering).take() else { return };
        if let Err(why) = registering.wait_for(READER_TIMEOUT) {
            let reason = format!("the reader has no metrics to read because its `register_pipeline` failed: {why}");
            if let Some(current) = &mut *lock(&self.unregistered) {
                current.clone_from(&reason);
            }
            let reader = &*self.name;
            report!(WARN, { reader, reason }, "a reader could not be registered");
        }
    }

    /// The reason why the reader has no metrics to read. `None` if it is registered. An unregistered reader exports nothing, even if it reports
    /// success.
    pub(crate) fn unregistered(&self) -> Option<String> {
        lock(&self.unregistered).clone()
    }

    /// Makes the reader export. It may block forever.
    pub(crate) fn flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    /// Makes the reader export for the last time. It may block forever. A second call is an error.
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
        let registering = spawn_call(move || {
            inner.register_pipeline(pipeline);
            // The registration may complete after the wait has ended.
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

    /// The SDK shuts readers down one after the other, so one that hangs would delay the next. Each was already shut down by its own task.
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
