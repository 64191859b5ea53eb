//! What was logged.

use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps the level and the number of failures of each event of this crate.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// Logs to this, on this thread, until the guard is dropped.
    ///
    /// The second dispatch is for tracing's cache: with a single one, a thread without a subscriber that comes first to a call
    /// site would switch it off for all.
    pub(super) fn install(&self) -> impl Sized {
        let second = tracing::Dispatch::new(Log::default());
        (tracing::subscriber::set_default(self.clone()), second)
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Failures(Option<u64>);

impl Visit for Failures {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "failures" {
            self.0 = Some(value);
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("phoenix_otel")
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut failures = Failures(None);
        event.record(&mut failures);
        if let Some(failures) = failures.0 {
            self.0.lock().unwrap().push(format!("{} {failures}", event.metadata().level()));
        }
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
