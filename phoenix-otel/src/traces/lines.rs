//! Log lines with the IDs of their trace and span.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// The format of `tracing_subscriber`, with `trace_id=… span_id=…` at the end of lines that are written within a span.
#[derive(Default)]
pub(super) struct WithIds(Format);

impl<S, N> FormatEvent<S, N> for WithIds
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let line = line.trim_end_matches('\n');
        let current = Context::map_current(|context| context.span().span_context().clone());
        if current.is_valid() {
            writeln!(writer, "{line} trace_id={} span_id={}", current.trace_id(), current.span_id())
        } else {
            writeln!(writer, "{line}")
        }
    }
}
