//! One instrument and the series bound to it, up to its cap.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use opentelemetry::metrics::Counter;
use opentelemetry::{Key, KeyValue, StringValue, Value};

use super::binding::Binding;
use super::bound::{BoundCounter, BoundUpDownCounter, Instrument};
use crate::catalog::MetricDef;
use crate::catalog::labels::LabelDef;
use crate::catalog::sdk;
use crate::report::report;

/// The attribute of the series that takes what exceeds the cap, as the OpenTelemetry SDK specification names it.
pub(super) const OVERFLOW_ATTRIBUTE: &str = "otel.metric.overflow";

/// One bound series. On the overflow series each measurement is counted as such, too.
#[derive(Clone)]
pub(crate) struct Series<B> {
    pub(crate) bound: B,
    overflowed: Option<BoundCounter<u64>>,
}

impl<B> Series<B> {
    /// The bound instrument, after counting an overflow.
    #[inline]
    pub(crate) fn touch(&self) -> &B {
        if let Some(overflowed) = &self.overflowed {
            overflowed.add(1);
        }
        &self.bound
    }
}

impl Series<BoundCounter<u64>> {
    /// Adds what several measurements amount to, of 1 each.
    pub(crate) fn add(&self, n: u64) {
        if n > 0 {
            self.bound.add(n);
            if let Some(overflowed) = &self.overflowed {
                overflowed.add(n);
            }
        }
    }
}

impl Series<BoundUpDownCounter<i64>> {
    /// Moves the level by `n`.
    pub(crate) fn add(&self, n: i64) {
        if n != 0 {
            self.touch().add(n);
        }
    }
}

pub(crate) struct Family<I: Instrument> {
    instrument: I,
    def: &'static MetricDef,
    name: String,
    /// Its name in Prometheus.
    metric: String,
    series: Mutex<HashMap<Vec<KeyValue>, Series<I::Bound>>>,
    /// How many these are, to be read without the lock.
    count: Arc<AtomicUsize>,
    overflow: OnceLock<Series<I::Bound>>,
}

impl<I: Instrument> Family<I> {
    pub(super) fn new(binding: &Binding, name: String, def: &'static MetricDef) -> Self {
        let metric = def.prometheus_name(&name);
        Self {
            instrument: I::create(binding, name.clone(), def),
            def,
            name,
            count: binding.series_of(&metric),
            metric,
            series: Mutex::default(),
            overflow: OnceLock::new(),
        }
    }

    /// The metric's name in Prometheus.
    pub(super) fn metric(&self) -> &str {
        &self.metric
    }

    /// Lets the overflow of a metric that can overflow be seen at 0, so that a rate sees the first one.
    pub(super) fn announce(&self, binding: &Arc<Binding>) {
        if !self.def.is_closed() {
            self.overflow_counter(binding);
        }
    }

    /// The series of `attributes`, or the overflow series if the cap is reached.
    pub(crate) fn bind(&self, binding: &Arc<Binding>, attributes: Vec<KeyValue>) -> Series<I::Bound> {
        let [series] = self.bind_all(binding, [attributes]);
        series
    }

    /// The series of several attribute sets: all of them, or the overflow series for each if there is no room for all.
    ///
    /// The statuses of a call belong together: were its failures alone to overflow, what is left would read as healthy.
    pub(crate) fn bind_all<const N: usize>(
        &self,
        binding: &Arc<Binding>,
        attributes: [Vec<KeyValue>; N],
    ) -> [Series<I::Bound>; N] {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let new = attributes.iter().filter(|attributes| !series.contains_key(*attributes)).count();
        if series.len() + new <= self.def.cap {
            let is_first = series.is_empty();
            let bound = attributes.map(|attributes| match series.get(&attributes) {
                Some(bound) => bound.clone(),
                None => {
                    let bound = Series { bound: self.instrument.bind(&attributes), overflowed: None };
                    series.insert(attributes, bound.clone());
                    bound
                }
            });
            drop(series);
            self.count.fetch_add(new, Ordering::Relaxed);
            if is_first {
                binding.naming().note_use(&self.name);
                self.announce(binding);
            }
            return bound;
        }
        drop(series);
        std::array::from_fn(|_| self.overflow(binding))
    }

    /// Whether new attribute sets go to the overflow series.
    pub(crate) fn is_full(&self) -> bool {
        self.count.load(Ordering::Relaxed) >= self.def.cap
    }

    /// The series that takes what exceeds the cap.
    pub(crate) fn overflow(&self, binding: &Arc<Binding>) -> Series<I::Bound> {
        let series = self.overflow.get_or_init(|| {
            report!(
                WARN,
                { metric = self.metric.as_str(), cap = self.def.cap },
                "the metric has as many series as its cap allows; new label values go to the series {OVERFLOW_ATTRIBUTE}"
            );
            Series {
                bound: self.instrument.bind(&[KeyValue::new(OVERFLOW_ATTRIBUTE, true)]),
                overflowed: self.overflow_counter(binding),
            }
        });
        series.clone()
    }

    fn overflow_counter(&self, binding: &Arc<Binding>) -> Option<BoundCounter<u64>> {
        overflow_counter(binding, self.def, &self.metric)
    }
}

/// The counter of the overflow of `def`, which is called `metric` in Prometheus. The counter of overflows itself has none.
pub(super) fn overflow_counter(binding: &Arc<Binding>, def: &MetricDef, metric: &str) -> Option<BoundCounter<u64>> {
    // By name, since a const has no address of its own.
    if def.name == sdk::OVERFLOW::DEF.name {
        return None;
    }
    let family = binding.family::<Counter<u64>>(sdk::OVERFLOW::DEF, None);
    Some(family.bind(binding, vec![KeyValue::new("metric", metric.to_owned())]).bound)
}

/// The attributes of `labels` with `values`. An enum's values are static, so only strings are copied.
pub(crate) fn attributes<'v>(labels: &[LabelDef], values: impl IntoIterator<Item = &'v str>) -> Vec<KeyValue> {
    labels.iter().zip(values).filter_map(|(label, value)| attribute(label, value)).collect()
}

/// The longest value of a string label, in bytes. What is longer is cut, where a character ends.
///
/// The specification sets attributes of metrics no limit, but a cap on how many values there are bounds no memory without one on their
/// length. Receivers refuse or cut from some 2,000 bytes on.
pub(super) const LONGEST_VALUE: usize = 1024;

/// What of a string label's value is kept. Values that are equal as far as this share a series.
#[inline]
pub(super) fn cut(value: &str) -> &str {
    if value.len() <= LONGEST_VALUE { value } else { cut_long(value) }
}

#[cold]
fn cut_long(value: &str) -> &str {
    // A character has at most four bytes, so this looks at four places.
    let end = (0..=LONGEST_VALUE).rev().find(|end| value.is_char_boundary(*end));
    &value[..end.unwrap_or(0)]
}

/// The labels that a sample without them gets from its resource, where they name the emitter.
const IDENTITY: [&str; 2] = ["service", "version"];

/// What stands for an empty value of such a label: without a value the sample would be said to speak of its emitter.
const UNKNOWN: &str = "unknown";

/// One attribute of a label. An enum whose value is empty has none: in Prometheus that is the same, and so it is by every way.
pub(crate) fn attribute(label: &LabelDef, value: &str) -> Option<KeyValue> {
    let value: StringValue = match label.values {
        Some(_) if value.is_empty() => return None,
        None if value.is_empty() && IDENTITY.contains(&label.name) => StringValue::from(UNKNOWN),
        Some(values) => match values.iter().find(|known| **known == value) {
            Some(known) => StringValue::from(*known),
            None => StringValue::from(Arc::<str>::from(value)),
        },
        None => StringValue::from(Arc::<str>::from(cut(value))),
    };
    Some(KeyValue::new(Key::from_static_str(label.name), Value::String(value)))
}
