//! The instrument selector of a view.

use crate::catalog::Kind;
use crate::catalog::name::NameKind;
use crate::config::Pattern;

/// The kind of an instrument, as a criterion of views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstrumentKind {
    /// A sum that only grows.
    Counter,
    /// A sum that grows and shrinks.
    UpDownCounter,
    /// The last value set.
    Gauge,
    /// Observations counted in buckets.
    Histogram,
    /// Quantiles of observations. OpenTelemetry has no such instrument: only [`Summary`](crate::Summary) has this kind.
    Summary,
    /// A sum that only grows, observed at each collection.
    ObservableCounter,
    /// A sum that grows and shrinks, observed at each collection.
    ObservableUpDownCounter,
    /// A value observed at each collection.
    ObservableGauge,
}

impl InstrumentKind {
    /// The kind of a synchronous instrument.
    pub(crate) fn recorded(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Self::Counter,
            Kind::UpDownCounter => Self::UpDownCounter,
            Kind::Gauge => Self::Gauge,
            Kind::Histogram => Self::Histogram,
            Kind::Summary => Self::Summary,
        }
    }

    /// The kinds as a configuration file spells them. Summaries are not in its schema.
    pub(crate) const WORDS: [(&'static str, Self); 7] = [
        ("counter", Self::Counter),
        ("up_down_counter", Self::UpDownCounter),
        ("gauge", Self::Gauge),
        ("histogram", Self::Histogram),
        ("observable_counter", Self::ObservableCounter),
        ("observable_up_down_counter", Self::ObservableUpDownCounter),
        ("observable_gauge", Self::ObservableGauge),
    ];

    /// As a configuration file spells it.
    pub(crate) fn word(self) -> Option<&'static str> {
        Self::WORDS.iter().find(|(_, kind)| *kind == self).map(|(word, _)| *word)
    }

    /// The kind of an observable instrument.
    pub(crate) fn observed(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Self::ObservableCounter,
            Kind::UpDownCounter => Self::ObservableUpDownCounter,
            _ => Self::ObservableGauge,
        }
    }

    /// The kind that determines the name in Prometheus.
    pub(crate) fn name_kind(self) -> NameKind {
        match self {
            Self::Counter | Self::ObservableCounter => NameKind::Counter,
            Self::UpDownCounter | Self::ObservableUpDownCounter => NameKind::UpDownCounter,
            Self::Gauge | Self::ObservableGauge => NameKind::Gauge,
            Self::Histogram => NameKind::Histogram,
            Self::Summary => NameKind::Summary,
        }
    }

    /// Whether merged series are added up. A gauge keeps the last value.
    pub(crate) fn adds_up(self) -> bool {
        !matches!(self, Self::Gauge | Self::ObservableGauge)
    }
}

/// A meter. An empty text means that it has no version or no schema URL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter<'m> {
    pub(crate) name: &'m str,
    pub(crate) version: &'m str,
    pub(crate) schema_url: &'m str,
}

impl Meter<'_> {
    /// The meter of this crate.
    pub(crate) const OURS: Self = Self { name: super::SCOPE, version: env!("CARGO_PKG_VERSION"), schema_url: "" };
}

/// The properties of an instrument that a view can select.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instrument<'i> {
    pub(crate) name: &'i str,
    pub(crate) kind: InstrumentKind,
    pub(crate) unit: &'i str,
    pub(crate) meter: Meter<'i>,
}

/// The criteria. An instrument must match all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    pub(crate) name: Pattern,
    pub(crate) kind: Option<InstrumentKind>,
    pub(crate) unit: Option<String>,
    pub(crate) meter: Option<Pattern>,
    pub(crate) meter_version: Option<String>,
    pub(crate) meter_schema_url: Option<String>,
}

impl Selector {
    pub(crate) fn new(name: String) -> Self {
        let (kind, unit, meter, meter_version, meter_schema_url) = Default::default();
        Self { name: Pattern::new(name), kind, unit, meter, meter_version, meter_schema_url }
    }

    /// Whether it has only criteria that are known when values are exported: the names of the instrument and of the meter, and the unit.
    pub(crate) fn is_by_name(&self) -> bool {
        self.kind.is_none() && self.meter_version.is_none() && self.meter_schema_url.is_none()
    }

    pub(crate) fn selects(&self, instrument: &Instrument<'_>) -> bool {
        self.kind.is_none_or(|kind| kind == instrument.kind)
            && self.unit.as_ref().is_none_or(|unit| unit == instrument.unit)
            && self.meter.as_ref().is_none_or(|meter| meter.matches(instrument.meter.name))
            && self.meter_version.as_ref().is_none_or(|version| version == instrument.meter.version)
            && self.meter_schema_url.as_ref().is_none_or(|url| url == instrument.meter.schema_url)
            && self.name.matches_name(instrument.name)
    }
}
