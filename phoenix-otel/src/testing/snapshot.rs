//! Recorded values as data.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
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

/// The variable that makes [`Snapshot::assert_file`] write its file.
const UPDATE: &str = "UPDATE_SNAPSHOTS";

/// Series and their values at one point in time: recorded in a [`Scope`](super::Scope), or received by a [`FakeExporter`](super::FakeExporter) or a
/// [`FakeCollector`](super::FakeCollector).
///
/// As text it has one line for each series with its Prometheus name, sorted. The text depends only on the values, so it can be compared with a
/// golden file:
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
    /// The names of metrics.
    streams: Arc<Streams>,
}

/// The identity of a series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    /// The metric's name in Prometheus.
    pub(super) name: String,
    /// The Prometheus names and the values of labels.
    pub(super) labels: BTreeMap<String, String>,
}

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Series {
    /// The unit of the metric.
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

    /// The streams of the latest `init`.
    pub(super) fn current_streams() -> Arc<Streams> {
        let as_declared = || Arc::new(Streams::new(Naming::new("phoenix", "", "service"), Vec::new()));
        binding::current().map_or_else(as_declared, |binding| binding.shared_streams().clone())
    }

    /// The value of the series with these labels. The type depends on the metric: see [`Metric`].
    ///
    /// Views apply as in an export: if a metric has several streams, the first is read, and labels that a view drops are ignored.
    ///
    /// Measurements past the cap of the metric are in its overflow series. So a label value past the cap reads as never recorded, 0 for a counter.
    /// [`total`](Self::total) includes the overflow series.
    pub fn value<M: Metric, L: Labels<Schema = M::Labels>>(&self, metric: &'static M, labels: L) -> M::Value {
        let values = labels.values();
        let labels = L::LABELS.iter().zip(values.as_ref().iter().copied()).collect();
        metric.read(&Reading::new(self, Some(labels)))
    }

    /// The sum over all series of a metric, or of a call set.
    pub fn total<M: Additive>(&self, metric: &'static M) -> M::Value {
        metric.read(&Reading::new(self, None))
    }

    /// The values of the instrumented function with this value of the label `method`: its name, unless the attribute sets another one.
    ///
    /// # Panics
    ///
    /// Panics if the program has no instrumented function with this name.
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

    /// The changes since `before`: differences of sums and histograms, new values of gauges. Unchanged series are omitted.
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

    /// Removes the sums, buckets and quantiles of histograms and summaries in seconds, and keeps their counts. Use it for durations that are not
    /// measured with the clock of a scope.
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

    /// Asserts that the text of the snapshot equals `expected`.
    ///
    /// The order of lines, white space around them, empty lines, and lines that begin with `#` are ignored.
    ///
    /// # Panics
    ///
    /// Panics if the texts differ. The message shows the lines that differ.
    #[track_caller]
    pub fn assert_text(&self, expected: &str) {
        if let Some(difference) = difference::difference(expected, &self.to_string()) {
            panic!("the recorded series differ from the expected ones (- expected, + recorded):\n{difference}");
        }
    }

    /// Asserts that the text of the snapshot equals the content of a file, as [`assert_text`](Self::assert_text) does. Cargo runs tests in the
    /// directory of their package, so relative paths start there.
    ///
    /// If the variable `UPDATE_SNAPSHOTS` is `1` or `true`, it writes the file instead.
    ///
    /// # Panics
    ///
    /// Panics if the texts differ, or if the file cannot be read or written. A missing file counts as empty.
    #[track_caller]
    pub fn assert_file(&self, path: impl AsRef<Path>) {
        let path = path.as_ref();
        let update = std::env::var(UPDATE).unwrap_or_default();
        if update == "1" || update.eq_ignore_ascii_case("true") {
            return std::fs::write(path, self.to_string())
                .unwrap_or_else(|error| panic!("{} cannot be written: {error}", path.display()));
        }
        let expected = match std::fs::read_to_string(path) {
            Ok(expected) => expected,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => panic!("{} cannot be read: {error}", path.display()),
        };
        if let Some(difference) = difference::difference(&expected, &self.to_string()) {
            panic!(
                "the recorded series differ from {} (- file, + recorded):\n{difference}If the change is intended, update the file: {UPDATE}=1 cargo test",
                path.display()
            );
        }
    }

    /// Removes our own metrics that are 0.
    pub(super) fn without_zero_sdk_metrics(mut self) -> Self {
        let ours = [OVERFLOW::DEF, DROPPED::DEF];
        let ours = ours.map(|def| def.prometheus_name(&self.streams.naming().resolve(def.name, None)));
        self.series.retain(|id, series| !ours.contains(&id.name) || !series.value.is_zero());
        self
    }

    pub(super) fn streams(&self) -> &Streams {
        &self.streams
    }

    /// The series of the metric with this Prometheus name.
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

    /// The change. `None` if there is none.
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

/// One line for each series.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.series.iter().try_for_each(|(id, series)| writeln!(f, "{id} {}", series.value))
    }
}

/// The text of the snapshot.
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
