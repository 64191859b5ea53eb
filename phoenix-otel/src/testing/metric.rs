//! The metrics that tests can read, and the types of their values.

use std::collections::BTreeMap;

use opentelemetry::KeyValue;

use super::calls::Calls;
use super::distribution::{Distribution, Quantiles};
use super::number::Number;
use super::snapshot::{Snapshot, Value};
use crate::catalog::def::QUANTILE;
use crate::catalog::labels::{LabelDef, Labels};
use crate::catalog::name::label_name;
use crate::catalog::{CallDef, MetricDef, function};
use crate::instrument::attributes::attribute;
use crate::instrument::{
    Counter, Declare, Gauge, Histogram, ObservableCounter, ObservableGauge, ObservableUpDownCounter, Summary,
    UpDownCounter,
};
use crate::record::CallSet;
use crate::view::{InstrumentKind, Stream};

/// A metric that [`Snapshot::value`] can read: a handle or a call set declared by [`metrics!`](crate::metrics).
///
/// | metric | type of the value |
/// |---|---|
/// | `Counter` | `u64`, or `f64` for `Counter<f64>`; 0 without a series |
/// | `UpDownCounter` | `i64`; 0 without a series |
/// | `Gauge` | `Option<f64>`; `None` unless it was set |
/// | `Histogram` | [`Distribution`]; empty without a series |
/// | `Summary` | [`Quantiles`]; empty without a series |
/// | `ObservableCounter`, `ObservableGauge` | `Option<f64>`; `None` unless a callback observes the series |
/// | `ObservableUpDownCounter` | `Option<i64>`; `None` unless a callback observes the series |
/// | `CallSet` | [`Calls`] |
pub trait Metric: Sealed + Sized + 'static {
    /// The labels, as [`metrics!`](crate::metrics) declares them.
    type Labels: 'static;
    /// The type of a value.
    type Value;

    #[doc(hidden)]
    fn read(&'static self, from: &Reading<'_>) -> Self::Value;
}

/// A [`Metric`] whose series can be added up, for [`Snapshot::total`].
pub trait Additive: Metric {}

/// Only types of this crate implement [`Metric`].
pub trait Sealed {}

macro_rules! metric {
    ($($handle:ty => $value:ty, $read:ident $(, $additive:ident)?;)*) => {$(
        impl<L: Labels + 'static> Sealed for $handle {}
        impl<L: Labels + 'static> Metric for $handle {
            type Labels = L;
            type Value = $value;

            fn read(&'static self, from: &Reading<'_>) -> $value {
                from.$read(self.declared().0)
            }
        }
        $(impl<L: Labels + 'static> $additive for $handle {})?
    )*};
}

metric! {
    Counter<L> => u64, whole, Additive;
    Counter<L, f64> => f64, fraction, Additive;
    UpDownCounter<L> => i64, whole, Additive;
    Gauge<L> => Option<f64>, last;
    Histogram<L> => Distribution, distribution, Additive;
    Summary<L> => Quantiles, quantiles;
    ObservableCounter<L> => Option<f64>, last;
    ObservableGauge<L> => Option<f64>, last;
    ObservableUpDownCounter<L> => Option<i64>, last_whole;
}

impl<L: Labels + 'static> Sealed for CallSet<L> {}
impl<L: Labels + 'static> Metric for CallSet<L> {
    type Labels = L;
    type Value = Calls;

    fn read(&'static self, from: &Reading<'_>) -> Calls {
        from.calls(self.declared().def(), None)
    }
}
impl<L: Labels + 'static> Additive for CallSet<L> {}

/// A snapshot and a filter of its series.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct Reading<'s> {
    snapshot: &'s Snapshot,
    /// The labels of the series. `None` selects all series of a metric.
    labels: Option<Vec<(&'s LabelDef, &'s str)>>,
}

/// The additional label of the counter of requests.
const STATUS: &str = "status";

/// The additional label of the counter of errors.
const ERROR_TYPE: &str = "error_type";

/// The label for the name of a function.
const METHOD: &str = "method";

impl<'s> Reading<'s> {
    pub(super) fn new(snapshot: &'s Snapshot, labels: Option<Vec<(&'s LabelDef, &'s str)>>) -> Self {
        Self { snapshot, labels }
    }

    /// The values of a metric, each with the value of the label `free`, which is not filtered. The default of `subsystem` is that of the service.
    fn values(
        &self,
        def: &'static MetricDef,
        kind: InstrumentKind,
        subsystem: Option<&str>,
        free: &str,
    ) -> Vec<(Option<&'s str>, &'s Value)> {
        let streams = self.snapshot.streams().define(def, kind, subsystem);
        // A view drops it, or its domain is inactive.
        let Some(stream) = streams.first() else { return Vec::new() };
        let expected = self.labels_of(stream, free);
        let matches = |labels: &BTreeMap<String, String>| {
            let others = || labels.iter().filter(|(name, _)| *name != free);
            expected.as_ref().is_none_or(|expected| others().eq(expected))
        };
        let series = self.snapshot.of_metric(stream.prometheus_name()).filter(|(labels, _)| matches(labels));
        series.map(|(labels, value)| (labels.get(free).map(String::as_str), value)).collect()
    }

    /// The labels of the selected series, without `free`.
    fn labels_of(&self, stream: &Stream, free: &str) -> Option<BTreeMap<String, String>> {
        let has = |label: &LabelDef| label.name != free && stream.labels().any(|has| has.name == label.name);
        let labels = self.labels.as_ref()?.iter().filter(|(label, _)| has(label));
        let attributes = labels.filter_map(|(label, value)| attribute(label, value));
        Some(
            attributes
                .map(|KeyValue { key, value, .. }| (label_name(key.as_str()).into_owned(), value.to_string()))
                .collect(),
        )
    }

    fn numbers(&self, metric: &dyn Declare) -> impl Iterator<Item = Number> {
        let values = self.values(metric.def(), metric.kind(), None, "");
        values.into_iter().filter_map(|(_, value)| number(value))
    }

    fn sum(&self, metric: &dyn Declare) -> Number {
        self.numbers(metric).fold(Number::ZERO, |a, b| a + b)
    }

    fn whole<N: TryFrom<i128> + Default>(&self, metric: &dyn Declare) -> N {
        self.sum(metric).whole()
    }

    fn fraction(&self, metric: &dyn Declare) -> f64 {
        self.sum(metric).as_f64()
    }

    fn last(&self, metric: &dyn Declare) -> Option<f64> {
        self.numbers(metric).last().map(Number::as_f64)
    }

    fn last_whole(&self, metric: &dyn Declare) -> Option<i64> {
        self.numbers(metric).last().map(Number::whole)
    }

    fn distribution(&self, metric: &dyn Declare) -> Distribution {
        sum_distributions(self.values(metric.def(), metric.kind(), None, ""))
    }

    fn quantiles(&self, metric: &dyn Declare) -> Quantiles {
        let streams = self.snapshot.streams().define(metric.def(), metric.kind(), None);
        let Some(stream) = streams.first() else { return Quantiles::default() };
        let values = self.values(metric.def(), metric.kind(), None, QUANTILE);
        let quantile =
            |(quantile, value): (Option<&str>, &Value)| Some((quantile?.parse().ok()?, number(value)?.as_f64()));
        let quantiles = values.into_iter().filter_map(quantile);
        let expected = self.labels_of(stream, QUANTILE);
        // The sum and the count are separate metrics. Their Prometheus names are derived from that of the summary.
        let part = |part: &str| {
            let name = format!("{}_{part}", stream.prometheus_name());
            let found = self.snapshot.of_metric(name).find(|(labels, _)| Some(*labels) == expected.as_ref());
            found.and_then(|(_, value)| number(value)).unwrap_or(Number::ZERO)
        };
        Quantiles { count: part("count").whole(), sum: part("sum").as_f64(), quantiles: quantiles.collect() }
    }

    /// The values of a call set. Each of its metrics has only the labels that it declares.
    fn calls(&self, def: &CallDef, subsystem: Option<&str>) -> Calls {
        let values = |metric: Option<&'static MetricDef>, free| {
            let read = |def: &'static MetricDef| self.values(def, InstrumentKind::recorded(def.kind), subsystem, free);
            metric.map(read).unwrap_or_default()
        };
        let mut calls = Calls { duration: sum_distributions(values(def.duration, "")), ..Calls::default() };
        for (status, value) in values(def.requests, STATUS) {
            let count: u64 = number(value).unwrap_or(Number::ZERO).whole();
            match status {
                Some("ok") => calls.ok += count,
                Some("error") => calls.error += count,
                Some("cancelled") => calls.cancelled += count,
                Some("panic") => calls.panic += count,
                _ => {}
            }
        }
        for (error_type, value) in values(def.errors, ERROR_TYPE) {
            let count: u64 = number(value).unwrap_or(Number::ZERO).whole();
            if let Some(error_type) = error_type.filter(|_| count > 0) {
                *calls.errors.entry(error_type.to_owned()).or_default() += count;
            }
        }
        let active = values(def.active, "").into_iter().filter_map(|(_, value)| number(value));
        calls.active = active.fold(Number::ZERO, |a, b| a + b).whole();
        calls
    }

    /// The calls of an instrumented function.
    pub(super) fn function(self, name: &'s str, subsystem: Option<&str>) -> Calls {
        let labels = function::REQUESTS_ACTIVE::DEF.labels;
        let def = CallDef {
            requests: Some(function::requests(self.snapshot.streams().naming(), subsystem)),
            duration: Some(function::REQUEST_DURATION::DEF),
            errors: Some(function::ERRORS::DEF),
            active: Some(function::REQUESTS_ACTIVE::DEF),
            labels,
        };
        let method = labels.iter().find(|label| label.name == METHOD).map(|label| (label, name));
        Reading { labels: Some(method.into_iter().collect()), ..self }.calls(&def, subsystem)
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Sum(number) | Value::Gauge(number) => Some(*number),
        Value::Histogram(_) => None,
    }
}

fn sum_distributions(values: Vec<(Option<&str>, &Value)>) -> Distribution {
    let distributions = values.into_iter().filter_map(|(_, value)| match value {
        Value::Histogram(of) => Some(of),
        _ => None,
    });
    distributions.fold(Distribution::default(), Distribution::plus)
}
