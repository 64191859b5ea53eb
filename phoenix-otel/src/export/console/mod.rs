//! The console exporter: metrics and spans as text for people, on standard output. Its form is not stable.

mod metrics;
mod provider;
#[cfg(feature = "tracing")]
mod spans;

#[cfg(feature = "tracing")]
pub(crate) use spans::ConsoleSpanExporter;

use super::lines::{Lines, Target};
use super::push::Exporter;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use std::fmt::{self, Display};
use std::time::Duration;

/// Prints metrics.
#[derive(Debug)]
struct ConsoleExporter(Lines);

impl ConsoleExporter {
    fn new() -> Self {
        Self(Lines::to(Target::Stdout))
    }
}

impl PushMetricExporter for ConsoleExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.0.write(metrics::Printed(metrics).to_string().as_bytes())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

impl Exporter for ConsoleExporter {}

/// `{key=value, …}`, on one line.
struct Attributes<I>(I);

impl<'a, I: Iterator<Item = &'a KeyValue> + Clone> Display for Attributes<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes = self.0.clone();
        let attributes = attributes.map(|attribute| (&attribute.key, &attribute.value));
        f.write_str("{")?;
        for (index, (key, value)) in attributes.enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{key}={}", value.as_str().escape_debug())?;
        }
        f.write_str("}")
    }
}

/// The resource, on one line.
struct Identity<'a>(&'a Resource);

impl Display for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The resource is a hash map, and a changing order would be hard to read.
        let mut attributes: Vec<KeyValue> =
            self.0.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        attributes.sort_by(|a, b| a.key.cmp(&b.key));
        Attributes(attributes.iter()).fmt(f)
    }
}
