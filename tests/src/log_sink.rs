//! A subscriber of `tracing` that calls a closure for each event.

use std::fmt::Debug;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Receives the events of a level and of more severe ones.
pub struct LogSink<F> {
    level: Level,
    receive: F,
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> LogSink<F> {
    /// Calls `receive` for each event of `level` and of more severe levels.
    pub fn new(level: Level, receive: F) -> Self {
        Self { level, receive }
    }

    /// Makes it the subscriber of the process.
    ///
    /// # Panics
    ///
    /// If there is one.
    pub fn set_global(self) {
        tracing::subscriber::set_global_default(self).expect("the process has no subscriber");
    }
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> Subscriber for LogSink<F> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        (self.receive)(event);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The fields of an event: `name=value ` for each.
pub fn fields(event: &Event<'_>) -> String {
    struct Text(String);
    impl Visit for Text {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0 += &format!("{}={value:?} ", field.name());
        }
    }
    let mut text = Text(String::new());
    event.record(&mut text);
    text.0
}
