//! Spans as text: one line for each span, followed by one line for each of its events and links.

use super::{Attributes, Identity};
use crate::export::lines::{Lines, Target};
use crate::export::rejected::ExportResult;
use crate::export::spans::Exporter;
use opentelemetry::trace::Status;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use std::fmt::Write as _;

/// Prints spans.
#[derive(Debug)]
pub(crate) struct ConsoleSpanExporter {
    lines: Lines,
    identity: String,
}

impl ConsoleSpanExporter {
    /// The same as for metrics.
    pub(crate) const KIND: &str = super::provider::KIND;

    pub(crate) fn new() -> Self {
        Self { lines: Lines::to(Target::Stdout), identity: String::new() }
    }
}

impl Exporter for ConsoleSpanExporter {
    async fn send(&self, spans: Vec<SpanData>) -> ExportResult {
        let mut text = format!("spans of {}\n", self.identity);
        spans.iter().for_each(|span| print(&mut text, span));
        self.lines.write(text.as_bytes()).map(|()| None)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.identity = Identity(resource).to_string();
    }
}

/// Writing to a `String` does not fail.
fn print(out: &mut String, span: &SpanData) {
    let context = &span.span_context;
    let took = span.end_time.duration_since(span.start_time).unwrap_or_default();
    let (name, kind, scope) =
        (span.name.escape_debug(), &span.span_kind, span.instrumentation_scope.name().escape_debug());
    let (trace, own, parent) = (context.trace_id(), context.span_id(), span.parent_span_id);
    let _ = write!(out, "  {name} {kind:?} {took:?} trace={trace} span={own} parent={parent} scope={scope}");
    match &span.status {
        Status::Unset => {}
        Status::Ok => out.push_str(" ok"),
        Status::Error { description } => drop(write!(out, " error: {}", description.escape_debug())),
    }
    let _ = writeln!(out, " {}", Attributes(span.attributes.iter()));
    for event in &span.events.events {
        let at = event.timestamp.duration_since(span.start_time).unwrap_or_default();
        let (name, attributes) = (event.name.escape_debug(), Attributes(event.attributes.iter()));
        let _ = writeln!(out, "    event {name} after {at:?} {attributes}");
    }
    for link in &span.links.links {
        let (trace, span) = (link.span_context.trace_id(), link.span_context.span_id());
        let _ = writeln!(out, "    link trace={trace} span={span} {}", Attributes(link.attributes.iter()));
    }
}
