//! The return type of a provider: an exporter that pushes, or a reader.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

use super::drop_on_thread::DropOnThread;
use super::wait::{ThreadCall, spawn_call};
use crate::config::PushOverrides;
use crate::export::push::{DynExporter, ForeignExporter};
use crate::export::reader::{MetricReader, Temporalities, ask_temporalities};

/// The method of [`PushExporter`] that sets its timeout.
pub(super) const TIMEOUT: &str = "export_timeout";

/// An exporter that pushes, with its own interval and timeout. Pass it to [`Builder::push_exporter`](crate::Builder::push_exporter).
///
/// Any [`PushMetricExporter`] converts to it. The method `temporality` of the exporter selects cumulative or delta temporality.
///
/// ```
/// use phoenix_otel::PushExporter;
/// use std::time::Duration;
///
/// # fn builder(exporter: impl phoenix_otel::opentelemetry_sdk::metrics::exporter::PushMetricExporter) -> phoenix_otel::Builder {
/// let exporter = PushExporter::new(exporter).interval(Duration::from_secs(10)).export_timeout(Duration::from_secs(5));
/// phoenix_otel::builder("orchestrator").push_exporter("mine", exporter)
/// # }
/// ```
#[must_use = "it does nothing until it is passed to a builder"]
pub struct PushExporter {
    pub(crate) exporter: Arc<dyn DynExporter>,
    /// `otel.component.type` in the self-monitoring metrics.
    pub(crate) kind: Cow<'static, str>,
    pub(crate) push: PushOverrides,
}

impl PushExporter {
    /// An exporter with the default interval and timeout: those of [`Builder::interval`](crate::Builder::interval) and
    /// [`Builder::export_timeout`](crate::Builder::export_timeout), or of the environment variables.
    pub fn new(exporter: impl PushMetricExporter) -> Self {
        fn named<E: PushMetricExporter>(exporter: E) -> PushExporter {
            let kind = Cow::Borrowed(std::any::type_name::<E>());
            PushExporter {
                exporter: Arc::new(ForeignExporter(DropOnThread::new(exporter))),
                kind,
                push: PushOverrides::default(),
            }
        }
        named(exporter)
    }

    /// Starts the call that asks the exporter for its temporality.
    pub(super) fn ask_temporality(&self) -> ThreadCall<Temporality> {
        let exporter = self.exporter.clone();
        spawn_call(move || exporter.temporality())
    }

    /// The time between two exports.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.push.interval = Some(interval);
        self
    }

    /// The timeout of one export. An export that takes longer is abandoned.
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.push.timeout = Some(timeout);
        self
    }
}

impl<E: PushMetricExporter> From<E> for PushExporter {
    fn from(exporter: E) -> Self {
        Self::new(exporter)
    }
}

impl fmt::Debug for PushExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PushExporter({})", self.kind)
    }
}

/// The exporter or reader that an [`ExporterProvider`](crate::ExporterProvider) returns.
#[derive(Debug)]
#[must_use = "it does nothing unless a provider returns it"]
pub struct Component(pub(crate) Kind);

#[derive(Debug)]
pub(crate) enum Kind {
    Push(PushExporter),
    Reader(Arc<DropOnThread<Box<dyn MetricReader>>>),
}

/// A component, and the running call that asks for its temporality.
pub(super) enum PendingComponent {
    Push(PushExporter, ThreadCall<Temporality>),
    Reader(Arc<DropOnThread<Box<dyn MetricReader>>>, ThreadCall<Temporalities>),
}

impl Component {
    /// Starts the call that asks the component for its temporality.
    pub(super) fn ask_temporality(self) -> PendingComponent {
        match self.0 {
            Kind::Push(exporter) => {
                let temporality = exporter.ask_temporality();
                PendingComponent::Push(exporter, temporality)
            }
            Kind::Reader(reader) => {
                let temporalities = ask_temporalities(&reader);
                PendingComponent::Reader(reader, temporalities)
            }
        }
    }

    /// An exporter that pushes. It runs on its own thread.
    pub fn push(exporter: impl Into<PushExporter>) -> Self {
        Self(Kind::Push(exporter.into()))
    }

    /// A reader, which collects and exports itself.
    pub fn reader(reader: impl MetricReader) -> Self {
        Self(Kind::Reader(Arc::new(DropOnThread::new(Box::new(reader)))))
    }
}
