//! The record that a metric is.

use super::domain::Domain;
use super::labels::LabelDef;
use super::name::{NameKind, prometheus_name};

/// What a metric is: decides the instrument, its aggregation and its Prometheus type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sum that only grows. Prometheus: counter.
    Counter,
    /// A sum that grows and shrinks. Prometheus: gauge.
    UpDownCounter,
    /// The last value set. Prometheus: gauge.
    Gauge,
    /// Observations counted in buckets. Prometheus: histogram.
    Histogram,
    /// Observations of which quantiles are kept. Prometheus: summary.
    Summary,
}

/// The quantiles of a summary, each with how its label has it.
pub(crate) const QUANTILES: [(f64, &str); 4] = [(0.5, "0.5"), (0.9, "0.9"), (0.95, "0.95"), (0.99, "0.99")];
/// The label of a quantile.
pub(crate) const QUANTILE: &str = "quantile";

/// The definition of one metric, made by [`metrics!`](crate::metrics) and read by everything else.
///
/// `name` is a dotted OpenTelemetry name. Its first token `phoenix` stands for the configured namespace, the token
/// `{subsystem}` for the subsystem of the service, and `{edge}` for that of its edge; a token that is configured empty is left
/// out.
#[derive(Debug)]
#[non_exhaustive]
pub struct MetricDef {
    /// The dotted name, with its placeholders.
    pub name: &'static str,
    /// The instrument's kind.
    pub kind: Kind,
    /// The UCUM unit: `s`, `By`, `1`, an annotation such as `{token}`, or nothing.
    pub unit: &'static str,
    /// One sentence that says what is counted. It becomes `# HELP`.
    pub description: &'static str,
    /// The labels in declaration order.
    pub labels: &'static [LabelDef],
    /// The histogram's upper bounds, ascending and finite, without `+Inf`.
    pub bounds: &'static [f64],
    /// How many series the metric may have, at most [`MOST_SERIES`]; what exceeds it is recorded on the overflow series.
    pub cap: usize,
    /// The domain that it belongs to; without one it is recorded in every program that it is linked into.
    pub domain: Option<Domain>,
    /// The path of the module that declares it.
    pub module: &'static str,
    /// The version of the package that declares it, where cargo builds that.
    pub version: Option<&'static str>,
}

/// The cap of a metric that states none. It is the default of the OpenTelemetry SDK specification.
pub const DEFAULT_CAP: usize = 2000;

/// The largest cap. When the SDK makes an instrument, it reserves a table for as many series as the cap allows, once for each reader: 68 MB of
/// address space for a million, of which 5 MB are resident before a series is there.
pub const MOST_SERIES: usize = 1_000_000;

/// What is wrong with so large a cap.
pub(crate) fn cap_problem(cap: usize) -> Option<String> {
    let problem = || format!("a cap of {cap} is more than a process should hold: at most 1,000,000 series");
    (cap > MOST_SERIES).then(problem)
}

impl MetricDef {
    /// A definition without unit, labels and bounds, with the default cap.
    #[doc(hidden)]
    pub const fn new(kind: Kind, name: &'static str, description: &'static str, module: &'static str) -> Self {
        let (labels, bounds, cap, domain, version) = (&[], &[], DEFAULT_CAP, None, None);
        Self { name, kind, unit: "", description, labels, bounds, cap, domain, module, version }
    }

    /// Sets the UCUM unit.
    #[doc(hidden)]
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// Sets the labels.
    #[doc(hidden)]
    pub const fn labels(mut self, labels: &'static [LabelDef]) -> Self {
        self.labels = labels;
        self
    }

    /// Sets the upper bounds of a histogram.
    #[doc(hidden)]
    pub const fn bounds(mut self, bounds: &'static [f64]) -> Self {
        self.bounds = bounds;
        self
    }

    /// Sets how many series the metric may have.
    #[doc(hidden)]
    pub const fn cap(mut self, cap: usize) -> Self {
        self.cap = cap;
        self
    }

    /// Puts the metric into a domain.
    #[doc(hidden)]
    pub const fn domain(mut self, domain: Domain) -> Self {
        self.domain = Some(domain);
        self
    }

    /// Notes the version of the package.
    #[doc(hidden)]
    pub const fn version(mut self, version: Option<&'static str>) -> Self {
        self.version = version;
        self
    }

    /// The crate that declares it.
    pub(crate) fn declaring_crate(&self) -> &'static str {
        self.module.split("::").next().unwrap_or_default()
    }

    /// What the metric is called in Prometheus where its instrument is called `name`.
    pub fn prometheus_name(&self, name: &str) -> String {
        let kind = match self.kind {
            Kind::Counter => NameKind::Counter,
            Kind::UpDownCounter => NameKind::UpDownCounter,
            Kind::Gauge => NameKind::Gauge,
            Kind::Histogram => NameKind::Histogram,
            Kind::Summary => NameKind::Summary,
        };
        prometheus_name(name, self.unit, kind)
    }

    /// Whether the values of every label are known at compile time.
    pub fn is_closed(&self) -> bool {
        self.labels.iter().all(|label| label.values.is_some())
    }
}

/// The metrics that one call records: a row of the contract's call sets.
///
/// Each of the metrics takes from the set's labels those that it has. Beside them the counter of requests has
/// `status`, and the counter of errors `error_type`.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallDef {
    /// Counts calls by `status`.
    pub requests: Option<&'static MetricDef>,
    /// Time from start to end, in seconds.
    pub duration: Option<&'static MetricDef>,
    /// Counts failed calls by `error_type`.
    pub errors: Option<&'static MetricDef>,
    /// Calls in flight.
    pub active: Option<&'static MetricDef>,
    /// The set's own labels.
    pub labels: &'static [LabelDef],
}

impl CallDef {
    /// The metrics that the set has.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = &'static MetricDef> + use<> {
        [self.requests, self.duration, self.errors, self.active].into_iter().flatten()
    }
}

/// Whether two strings are equal, at compile time.
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
