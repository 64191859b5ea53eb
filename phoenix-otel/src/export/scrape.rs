//! What a scrape returns: the metrics of now, encoded.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::prometheus::{Format, Input, Report, ZeroHistogram, encode};
use super::reader::SharedReader;
use crate::catalog::Kind;
use crate::catalog::naming::Naming;
use crate::error::ScrapeError;
use crate::report::report;

/// Reads what is served on the endpoint.
#[derive(Debug)]
pub(crate) struct Exposition {
    reader: SharedReader,
    naming: Arc<Naming>,
    /// Metrics of the `prometheus` crate that the service has beside ours.
    registry: Option<prometheus::Registry>,
    /// What was left out, and told.
    told: Mutex<HashSet<(String, &'static str)>>,
}

impl Exposition {
    pub(crate) fn new(reader: SharedReader, naming: Arc<Naming>, registry: Option<prometheus::Registry>) -> Self {
        Self { reader, naming, registry, told: Mutex::default() }
    }

    /// The metrics of now. It runs the callbacks of observable instruments, which may block.
    pub(crate) fn encode(&self, format: Format) -> Result<Vec<u8>, ScrapeError> {
        let metrics = self.reader.snapshot().map_err(ScrapeError::Collect)?;
        let definitions = self.naming.definitions();
        // The SDK exports a histogram without labels only from its first value on.
        let zeros: Vec<_> = definitions
            .iter()
            .filter(|(_, def)| def.kind == Kind::Histogram && def.labels.is_empty())
            .map(|(name, def)| ZeroHistogram { name, description: def.description, unit: def.unit, bounds: def.bounds })
            .collect();
        let foreign = self.registry.as_ref().map(prometheus::Registry::gather).unwrap_or_default();
        let mut out = Vec::new();
        self.tell(&encode(&Input { metrics: &metrics, zeros: &zeros, foreign: &foreign }, format, &mut out));
        Ok(out)
    }
}

impl Exposition {
    /// Says what the exposition could not hold, once for each metric: a scrape comes every few seconds.
    fn tell(&self, report: &Report) {
        for dropped in &report.dropped {
            let reason = dropped.reason.as_str();
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.insert((dropped.metric.clone(), reason)) {
                let (metric, points) = (&dropped.metric, dropped.points);
                report!(WARN, { metric, points, reason }, "samples are left out of the exposition");
            }
        }
    }
}
