//! The console exporter: prints metrics and spans to standard output as readable text. The format is not stable.

mod metrics;
mod provider;
#[cfg(feature = "tracing")]
mod spans;

#[cfg(feature = "tracing")]
pub(crate) use spans::ConsoleSpanExporter;

use super::count::points;
use super::lines::{Lines, Target};
use super::push::Exporter;
use super::rejected::ExportResult;
use super::switches::SwitchedOff;
use crate::sort;
use crate::view::Streams;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use std::fmt::{self, Display};
use std::sync::Arc;

/// Prints metrics.
#[derive(Debug)]
struct ConsoleExporter {
    lines: Lines,
    streams: Arc<Streams>,
}

impl ConsoleExporter {
    fn new(streams: Arc<Streams>) -> Self {
        Self { lines: Lines::to(Target::Stdout), streams }
    }
}

impl Exporter for ConsoleExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> ExportResult {
        let printed = metrics::Printed(metrics, SwitchedOff::of(metrics, &self.streams));
        self.lines.write(printed.to_string().as_bytes()).map(|()| None)
    }

    fn points(&self, metrics: &ResourceMetrics) -> usize {
        points(metrics, &SwitchedOff::of(metrics, &self.streams))
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

/// `{key=value, …}`, on one line.
struct Attributes<I>(I);

impl<'a, I: Iterator<Item = &'a KeyValue> + Clone> Display for Attributes<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = self.0.clone();
        let attributes = attributes.map(|attribute| (&attribute.key, &attribute.value));
        f.write_str("{")?;
        for (index, (key, value)) in attributes.enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}={}", key.as_str().escape_debug(), value.as_str().escape_debug())?;
        }
        f.write_str("}")
    }
}

/// The resource, on one line.
struct Identity<'a>(&'a Resource);

impl Display for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The resource is a hash map. A changing order would be hard to read.
        let mut attributes: Vec<KeyValue> =
            self.0.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        sort::by(&mut attributes, |a, b| a.key.cmp(&b.key));
        Attributes(attributes.iter()).fmt(f)
    }
}
