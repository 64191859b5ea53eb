//! Metrics that are collected and not exported, because the configuration file switches them off.

use std::collections::BTreeSet;

use opentelemetry_sdk::metrics::data::ResourceMetrics;

use crate::catalog::Kind;
use crate::catalog::name::summary_parts;
use crate::view::{SCOPE, Streams};

/// The metrics that are switched off: the names of the meter and of the metric.
#[derive(Clone, Debug, Default)]
#[cfg_attr(
    not(feature = "prometheus"),
    allow(unreachable_pub, reason = "the encoder of the exposition shows it to our tests")
)]
pub struct SwitchedOff(BTreeSet<(String, String)>);

/// Nothing is switched off.
pub(crate) static NOTHING: SwitchedOff = SwitchedOff(BTreeSet::new());

impl SwitchedOff {
    /// The metrics that are switched off, among the collected metrics and our own.
    pub(crate) fn of(metrics: &ResourceMetrics, streams: &Streams) -> Self {
        let Some(is_off) = streams.switched_off() else { return Self::default() };
        let collected = metrics.scope_metrics().flat_map(|scope| {
            let meter = scope.scope().name();
            scope.metrics().map(move |metric| (meter, metric.name(), metric.unit()))
        });
        let used = streams.used();
        let ours = used.iter().map(|stream| (SCOPE, &*stream.name, stream.def.unit));
        let off = collected.chain(ours).filter(|(meter, name, unit)| is_off(meter, name, unit));
        let mut off: BTreeSet<_> = off.map(|(meter, name, _)| (meter.to_owned(), name.to_owned())).collect();
        // A summary is several metrics of one instrument.
        for stream in used.iter().filter(|stream| stream.def.kind == Kind::Summary) {
            let is_off = off.contains(&(SCOPE.to_owned(), stream.name.clone()));
            for part in summary_parts(&stream.name, stream.def.unit).map(|part| (SCOPE.to_owned(), part)) {
                _ = if is_off { off.insert(part) } else { off.remove(&part) };
            }
        }
        Self(off)
    }

    pub(crate) fn has(&self, meter: &str, metric: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&(meter.to_owned(), metric.to_owned()))
    }
}
