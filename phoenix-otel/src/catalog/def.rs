//! The definition of a metric and of a call set.

use super::domain::Domain;
use super::labels::LabelDef;
use super::name::{NameKind, prometheus_name};

/// The kind of a metric. It decides the instrument, its aggregation and its Prometheus type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A monotonic sum. Prometheus: counter.
    Counter,
    /// A sum that increases and decreases. Prometheus: gauge.
    UpDownCounter,
    /// The last value set. Prometheus: gauge.
    Gauge,
    /// Observations in buckets. Prometheus: histogram.
    Histogram,
    /// Quantiles of observations. Prometheus: summary.
    Summary,
}

/// The quantiles of a summary, each with the value of its label.
pub(crate) const QUANTILES: [(f64, &str); 4] = [(0.5, "0.5"), (0.9, "0.9"), (0.95, "0.95"), (0.99, "0.99")];
/// The label of a quantile.
pub(crate) const QUANTILE: &str = "quantile";

/// The definition of one metric. [`metrics!`](crate::metrics) creates it.
///
/// `name` is a dotted OpenTelemetry name. If its first part is `phoenix`, the configured namespace replaces this part. The subsystem of the
/// service replaces the part `{subsystem}`, and that of the edge the part `{edge}`. If the configured value is empty, the part is omitted.
#[derive(Debug)]
#[non_exhaustive]
pub struct MetricDef {
    /// The dotted name, with its placeholders.
    pub name: &'static str,
    /// The instrument's kind.
    pub kind: Kind,
    /// The UCUM unit: `s`, `By`, `1`, an annotation such as `{token}`, or empty.
    pub unit: &'static str,
    /// One sentence that describes what is measured. It becomes `# HELP`.
    pub description: &'static str,
    /// The labels in declaration order.
    pub labels: &'static [LabelDef],
    /// The histogram's upper bounds, ascending and finite, without `+Inf`.
    pub bounds: &'static [f64],
    /// Whether it keeps these bounds if the default aggregation of histograms is exponential, because rules or alerts read its buckets.
    pub fixed_bounds: bool,
    /// The cardinality limit: how many series the metric may have, at most [`MAX_SERIES`]. Further series are recorded in the overflow
    /// series.
    pub cap: usize,
    /// The domain of the metric. A metric without a domain is recorded in every program that links it.
    pub domain: Option<Domain>,
    /// The path of the declaring module.
    pub module: &'static str,
    /// The version of the declaring package. `None` if it was not built by cargo.
    pub version: Option<&'static str>,
}

/// The default cap, as in the specification of the OpenTelemetry SDK.
pub const DEFAULT_CAP: usize = 2000;

/// The largest cap. When the SDK creates an instrument, it reserves a table for as many series as the cap allows, once for each reader.
/// For a million series this takes 68 MB of address space, of which 5 MB are resident before the first series.
pub const MAX_SERIES: usize = 1_000_000;

/// Describes a cap that is too large.
pub(crate) fn cap_problem(cap: usize) -> Option<String> {
    let problem = || format!("the cap {cap} is too large: the maximum is 1,000,000 series");
    (cap > MAX_SERIES).then(problem)
}

impl MetricDef {
    /// Creates a definition without unit, labels and bounds, with the default cap.
    #[doc(hidden)]
    pub const fn new(kind: Kind, name: &'static str, description: &'static str, module: &'static str) -> Self {
        let (labels, bounds, cap, domain, version) = (&[], &[], DEFAULT_CAP, None, None);
        let fixed_bounds = false;
        Self { name, kind, unit: "", description, labels, bounds, fixed_bounds, cap, domain, module, version }
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

    /// Sets whether a histogram keeps its bounds.
    #[doc(hidden)]
    pub const fn fixed_bounds(mut self, fixed: bool) -> Self {
        self.fixed_bounds = fixed;
        self
    }

    /// Sets the cap on the number of series.
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

    /// Sets the version of the package.
    #[doc(hidden)]
    pub const fn version(mut self, version: Option<&'static str>) -> Self {
        self.version = version;
        self
    }

    /// The declaring crate.
    pub(crate) fn declaring_crate(&self) -> &'static str {
        self.module.split("::").next().unwrap_or_default()
    }

    /// The Prometheus name of the metric if its instrument is called `name`.
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

/// The definition of a call set: the metrics that one call records.
///
/// Each metric has some or all of the set's labels. The counter of requests also has `status`, and the counter of errors `error_type`.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallDef {
    /// Counts calls by `status`.
    pub requests: Option<&'static MetricDef>,
    /// The duration from start to end, in seconds.
    pub duration: Option<&'static MetricDef>,
    /// Counts failed calls by `error_type`.
    pub errors: Option<&'static MetricDef>,
    /// Calls in flight.
    pub active: Option<&'static MetricDef>,
    /// The set's own labels.
    pub labels: &'static [LabelDef],
}

impl CallDef {
    /// The metrics of the set.
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
