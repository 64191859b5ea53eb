//! What was recorded, as data.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::calls::Calls;
use super::difference;
use super::distribution::Distribution;
use super::metric::{Additive, Metric, Reading};
use super::number::Number;
use crate::catalog::def::QUANTILE;
use crate::catalog::labels::Labels;
use crate::catalog::naming::Naming;
use crate::catalog::sdk::{DROPPED, OVERFLOW};
use crate::config::nearest::nearest;
use crate::declared::instrumented;
use crate::instrument::binding;
use crate::view::Streams;

/// Series and their values at one moment: what a [`Scope`](super::Scope) has recorded, or what a [`FakeExporter`](super::FakeExporter) or a
/// [`FakeCollector`](super::FakeCollector) has received.
///
/// As text it has a line for each series, under its name in Prometheus, sorted. The text is the same whenever the values are, so it can be
/// compared with a file:
///
/// ```standalone_crate
/// use phoenix_otel::{Label, metrics, testing};
///
/// #[derive(Clone, Copy, Label)]
/// enum Channel {
///     Web,
///     Shop,
/// }
///
/// metrics! {
///     /// Orders placed.
///     static ORDERS: Counter { channel: Channel } = "acme.orders" { unit: "{order}" };
///     /// What an order is worth.
///     static VALUE: Histogram = "acme.order.value" { unit: "{EUR}", bounds: [10.0, 50.0] };
/// }
///
/// fn order(channel: Channel, euros: f64) {
///     ORDERS.add(1, ORDERS { channel });
///     VALUE.record(euros, ());
/// }
///
/// let scope = testing::scope("shop");
/// scope.run(|| order(Channel::Web, 19.5));
/// scope.snapshot().assert_text(
///     r#"
///     acme_order_value count 1, sum 19.5, (10, 50]: 1
///     acme_orders_total{channel="web"} 1
///     "#,
/// );
///
/// let before = scope.snapshot();
/// scope.run(|| order(Channel::Shop, 70.0));
/// scope.since(&before).assert_text(
///     r#"
///     acme_order_value count 1, sum 70, (50, inf]: 1
///     acme_orders_total{channel="shop"} 1
///     "#,
/// );
/// ```
#[derive(Clone)]
pub struct Snapshot {
    series: BTreeMap<Id, Series>,
    /// What metrics are called.
    streams: Arc<Streams>,
}

/// What tells a series from others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    /// The metric's name in Prometheus.
    pub(super) name: String,
    /// Names in Prometheus, and values.
    pub(super) labels: BTreeMap<String, String>,
}

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Series {
    /// The metric's unit.
    pub(super) unit: String,
    pub(super) value: Value,
}

/// The value of a series.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Sum(Number),
    Gauge(Number),
    Histogram(Distribution),
}

impl Snapshot {
    pub(super) fn new(series: impl IntoIterator<Item = (Id, Series)>, streams: Arc<Streams>) -> Self {
        Self { series: series.into_iter().collect(), streams }
    }

    /// The streams of what exports now, for what was exported.
    pub(super) fn streams_of_now() -> Arc<Streams> {
        let as_declared = || Arc::new(Streams::new(Naming::new("phoenix", "", "service"), Vec::new()));
        binding::current().map_or_else(as_declared, |binding| binding.shared_streams().clone())
    }

    /// The value of the series that has these labels, with the metric's own type: see the list at [`Metric`].
    ///
    /// Views hold as they do for what is exported: of several streams of a metric it is the first, and labels that a view drops do not count.
    pub fn value<M: Metric, L: Labels<Of = M::Labels>>(&self, metric: &'static M, labels: L) -> M::Value {
        let values = labels.values();
        let labels = L::LABELS.iter().zip(values.as_ref().iter().copied()).collect();
        metric.read(&Reading::new(self, Some(labels)))
    }

    /// The sum over all series of a metric, or of a call set.
    pub fn total<M: Additive>(&self, metric: &'static M) -> M::Value {
        metric.read(&Reading::new(self, None))
    }

    /// The calls of an instrumented function, by the value of its label `method`: its name, unless the attribute gives it another.
    ///
    /// # Panics
    ///
    /// When the program has no instrumented function of this name.
    #[track_caller]
    pub fn function(&self, name: &str) -> Calls {
        let of_name: Vec<_> = instrumented().filter(|function| function.method == name).collect();
        if of_name.is_empty() {
            let near = nearest(name, instrumented().map(|function| function.method));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            panic!("no instrumented function of this program is called `{name}`{near}");
        }
        let mut subsystems: Vec<_> = of_name.iter().map(|function| function.subsystem).collect();
        subsystems.sort_unstable();
        subsystems.dedup();
        let calls = subsystems.into_iter().map(|subsystem| Reading::new(self, None).function(name, subsystem));
        calls.fold(Calls::default(), Calls::plus)
    }

    /// What has changed since `before`: of sums and histograms the difference, of gauges the new value. What has not changed is left out.
    pub fn since(&self, before: &Self) -> Self {
        let changed = self.series.iter().filter_map(|(id, series)| {
            let value = match before.series.get(id) {
                Some(before) => series.value.since(&before.value)?,
                None => {
                    Some(series.value.clone()).filter(|value| matches!(value, Value::Gauge(_)) || !value.is_zero())?
                }
            };
            Some((id.clone(), Series { unit: series.unit.clone(), value }))
        });
        Self::new(changed, self.streams.clone())
    }

    /// Leaves of histograms and summaries of seconds only the count, for what is measured by another clock than the scope's.
    pub fn without_durations(mut self) -> Self {
        let is_quantile = |id: &Id, series: &Series| series.unit == "s" && id.labels.contains_key(QUANTILE);
        let summaries: Vec<String> =
            self.series.iter().filter(|(id, series)| is_quantile(id, series)).map(|(id, _)| id.name.clone()).collect();
        let is_sum = |id: &Id| id.name.strip_suffix("_sum").is_some_and(|of| summaries.iter().any(|name| name == of));
        self.series.retain(|id, series| !is_quantile(id, series) && !is_sum(id));
        for series in self.series.values_mut().filter(|series| series.unit == "s") {
            if let Value::Histogram(of) = &mut series.value {
                *of = Distribution { count: of.count, ..Distribution::default() };
            }
        }
        self
    }

    /// Fails unless the text of the snapshot is this, with the lines that differ.
    ///
    /// The order of the lines, white space around them, empty lines, and lines that begin with `#` do not count.
    ///
    /// # Panics
    ///
    /// When it is another one.
    #[track_caller]
    pub fn assert_text(&self, expected: &str) {
        if let Some(difference) = difference::difference(expected, &self.to_string()) {
            panic!("the series are not those that are expected (- expected, + recorded):\n{difference}");
        }
    }

    /// Without our own metrics that are 0.
    pub(super) fn without_quiet(mut self) -> Self {
        let ours = [OVERFLOW::DEF, DROPPED::DEF];
        let ours = ours.map(|def| def.prometheus_name(&self.streams.naming().resolve(def.name, None)));
        self.series.retain(|id, series| !ours.contains(&id.name) || !series.value.is_zero());
        self
    }

    pub(super) fn streams(&self) -> &Streams {
        &self.streams
    }

    /// The series of the metric that is called so in Prometheus.
    pub(super) fn of_metric(&self, name: String) -> impl Iterator<Item = (&BTreeMap<String, String>, &Value)> {
        let first = Id { name: name.clone(), labels: BTreeMap::new() };
        let of_metric = self.series.range(first..).take_while(move |(id, _)| id.name == name);
        of_metric.map(|(id, series)| (&id.labels, &series.value))
    }
}

impl Value {
    fn is_zero(&self) -> bool {
        match self {
            Self::Sum(number) | Self::Gauge(number) => number.is_zero(),
            Self::Histogram(of) => of.count == 0,
        }
    }

    /// The change; `None` where there is none.
    fn since(&self, before: &Self) -> Option<Self> {
        if self == before {
            return None;
        }
        match (self, before) {
            (Self::Sum(now), Self::Sum(before)) => Some(Self::Sum(*now - *before)),
            (Self::Histogram(now), Self::Histogram(before)) => Some(Self::Histogram(now.since(before))),
            _ => Some(self.clone()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sum(number) | Self::Gauge(number) => number.fmt(f),
            Self::Histogram(of) => of.fmt(f),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        let labels: Vec<String> = self.labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        if labels.is_empty() { Ok(()) } else { write!(f, "{{{}}}", labels.join(",")) }
    }
}

/// A line for each series.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.series.iter().try_for_each(|(id, series)| writeln!(f, "{id} {}", series.value))
    }
}

/// Its text.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot:\n{self}")
    }
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        self.series == other.series
    }
}
