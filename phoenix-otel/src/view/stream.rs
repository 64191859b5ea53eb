//! A stream of a declared metric: the configuration of its instrument.

use std::borrow::Cow;
use std::sync::Arc;

use super::attributes::AttributeKeys;
use super::resolve::{Aggregation, StreamSettings};
use crate::catalog::def::DEFAULT_CAP;
use crate::catalog::labels::LabelDef;
use crate::catalog::{Kind, MetricDef};

/// The maximum number of series of one SDK instrument. A stream with a higher cap has several instruments: the SDK locks the series of an
/// instrument while it collects them, and new series wait for this lock.
pub(crate) const PART_SERIES: usize = DEFAULT_CAP;

/// The buckets of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Buckets {
    /// Buckets with these upper bounds.
    Explicit(Arc<[f64]>),
    /// Buckets of a base-2 exponential histogram.
    Exponential { max_size: u32, max_scale: i8 },
}

/// The default exponential histogram of the OpenTelemetry specification.
pub(crate) const EXPONENTIAL: Buckets = Buckets::Exponential { max_size: 160, max_scale: 20 };

/// One metric under one name: the definition with the overrides of the views.
#[derive(Clone, Debug)]
pub struct Stream {
    pub(crate) def: &'static MetricDef,
    /// The instrument's name.
    pub(crate) name: String,
    pub(crate) description: Cow<'static, str>,
    /// Only used by histograms.
    pub(crate) buckets: Buckets,
    /// Whether the buckets are not those of the definition. Then those of a function do not replace them.
    pub(crate) buckets_are_set: bool,
    /// The maximum number of series, counted by the kept attributes.
    pub(crate) cap: usize,
    attributes: Option<AttributeKeys>,
}

impl Stream {
    pub(crate) fn new(def: &'static MetricDef, settings: StreamSettings) -> Self {
        let StreamSettings { name, description, attributes, aggregation, cap } = settings;
        let buckets = match aggregation {
            Some(Aggregation::Explicit(bounds)) => Some(Buckets::Explicit(bounds)),
            Some(Aggregation::Exponential { max_size, max_scale }) => {
                Some(Buckets::Exponential { max_size, max_scale })
            }
            Some(Aggregation::Drop) | None => None,
        };
        Self {
            def,
            name,
            description: description.map_or(Cow::Borrowed(def.description), Cow::Owned),
            buckets_are_set: buckets.is_some(),
            buckets: buckets.unwrap_or_else(|| Buckets::Explicit(def.bounds.into())),
            cap: cap.unwrap_or(def.cap),
            attributes,
        }
    }

    /// Sets the default aggregation of histograms: exponential buckets, unless a view sets others or the definition's bounds are fixed.
    pub(super) fn with_default(self, exponential: bool) -> Self {
        let is_default = self.def.kind == Kind::Histogram && !self.buckets_are_set && !self.def.fixed_bounds;
        if exponential && is_default { Self { buckets: EXPONENTIAL, buckets_are_set: true, ..self } } else { self }
    }

    /// The name of the metric in Prometheus.
    pub(crate) fn prometheus_name(&self) -> String {
        self.def.prometheus_name(&self.name)
    }

    /// Whether the attribute with this key is kept.
    pub(crate) fn keeps(&self, key: &str) -> bool {
        self.attributes.as_ref().is_none_or(|attributes| attributes.keeps(key))
    }

    /// Whether all attributes are kept.
    pub(crate) fn keeps_all(&self) -> bool {
        self.def.labels.iter().all(|label| self.keeps(label.name))
    }

    /// The number of instruments that share the series.
    pub(crate) fn parts(&self) -> usize {
        self.cap.div_ceil(PART_SERIES).max(1)
    }

    /// The labels that are kept.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &'static LabelDef> {
        self.def.labels.iter().filter(|label| self.keeps(label.name))
    }

    /// Whether the values of all kept labels are known at compile time.
    pub(crate) fn is_closed(&self) -> bool {
        self.labels().all(|label| label.values.is_some())
    }

    /// The upper bounds of a classic histogram. Empty for an exponential one.
    pub(crate) fn bounds(&self) -> &[f64] {
        match &self.buckets {
            Buckets::Explicit(bounds) => bounds,
            Buckets::Exponential { .. } => &[],
        }
    }

    /// The upper bounds of the buckets that each keep an exemplar. For an exponential histogram these are the bounds of the definition.
    pub(crate) fn exemplar_bounds(&self) -> Arc<[f64]> {
        match &self.buckets {
            Buckets::Explicit(bounds) => bounds.clone(),
            Buckets::Exponential { .. } => self.def.bounds.into(),
        }
    }

    /// The same stream with other bounds.
    pub(super) fn with_bounds(&self, bounds: &[f64]) -> Self {
        Self { buckets: Buckets::Explicit(bounds.into()), ..self.clone() }
    }

    /// Whether both streams can be merged: a receiver sees no difference between them.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let labels = |stream: &Self| {
            let mut labels: Vec<_> = stream.labels().map(|label| label.name).collect();
            labels.sort_unstable();
            labels
        };
        let of_def = |stream: &Self| (stream.def.kind, stream.def.unit);
        of_def(self) == of_def(other)
            && self.name == other.name
            && self.description == other.description
            && self.cap == other.cap
            && (self.def.kind != Kind::Histogram || self.buckets == other.buckets)
            && labels(self) == labels(other)
    }
}
