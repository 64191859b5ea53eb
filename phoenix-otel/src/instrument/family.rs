//! The instruments of one stream and their series, up to the cap.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;

use super::attributes::attributes;
use super::binding::{AnyFamily, Binding};
use super::bound::{BoundCounter, Instrument};
use super::series::Series;
use crate::catalog::labels::{LabelDef, combination, combinations};
use crate::catalog::{MetricDef, sdk};
use crate::lock::{lock, read, write};
use crate::report::report;
use crate::view::merge::overflow_attributes;
use crate::view::{PART_SERIES, Stream};

/// The maximum number of enum combinations that are bound in advance. With more, most combinations never occur.
pub(super) const MAX_PREBOUND: usize = 4096;

/// The instruments of one stream, with their series.
pub(crate) struct Family<I: Instrument> {
    /// One instrument for each part of the series, in binding order.
    instruments: RwLock<Box<[I]>>,
    stream: Arc<Stream>,
    /// The metric's name in Prometheus.
    metric: String,
    series: Mutex<SeriesMap<I::Bound>>,
    /// The number of series, readable without the lock.
    count: Arc<AtomicUsize>,
    overflow: OnceLock<Series<I::Bound>>,
}

/// Creates the series of an attribute set.
pub(super) type Bind<'b, I> = &'b dyn Fn(&I, &[KeyValue]) -> <I as Instrument>::Bound;

/// Series by their attributes. The map contains indices instead of series, so its code is compiled once for all instruments.
struct SeriesMap<B> {
    places: HashMap<Vec<KeyValue>, usize>,
    series: Vec<Series<B>>,
}

impl<I: Instrument> Family<I> {
    pub(super) fn new(binding: &Arc<Binding>, stream: Arc<Stream>) -> Self {
        let metric = stream.prometheus_name();
        Self {
            instruments: RwLock::new(instruments(binding, &stream)),
            count: binding.series_of(&metric),
            stream,
            metric,
            series: Mutex::new(SeriesMap::new()),
            overflow: OnceLock::new(),
        }
    }

    /// Calls `run` with each instrument.
    pub(super) fn for_each_instrument(&self, run: impl FnMut(&I)) {
        read(&self.instruments).iter().for_each(run);
    }

    /// Binds a series with the instrument of its part. `at` is the number of series bound before it.
    fn bind_at(&self, at: usize, bind: impl FnOnce(&I) -> I::Bound) -> I::Bound {
        let instruments = read(&self.instruments);
        bind(&instruments[(at / PART_SERIES).min(instruments.len() - 1)])
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The metric's name in Prometheus.
    pub(super) fn metric(&self) -> &str {
        &self.metric
    }

    /// Creates the counter of overflows at 0 if the metric can overflow, so that a rate sees the first one.
    pub(super) fn declare_overflow(&self, binding: &Arc<Binding>) {
        if !self.stream.is_closed() {
            overflow_counter(binding, self.stream.def, &self.metric);
        }
    }

    /// Binds every series that is known in advance: those of labels that are all enums, after the views.
    pub(super) fn zero(&self, binding: &Arc<Binding>) {
        self.declare_overflow(binding);
        let labels: Vec<LabelDef> = self.stream.labels().copied().collect();
        if let Some(known @ 1..=MAX_PREBOUND) = combinations(&labels) {
            for index in 0..known {
                self.bind(binding, attributes(&labels, combination(&labels, index)));
            }
        }
    }

    /// Returns the series of `attributes`, or the overflow series if the cap is reached.
    pub(crate) fn bind(&self, binding: &Arc<Binding>, attributes: Vec<KeyValue>) -> Series<I::Bound> {
        let mut series = self.bind_all(binding, vec![attributes], &I::bind);
        series.pop().expect("a series for each attribute set")
    }

    /// Returns the series of several attribute sets, or the overflow series for all of them if there is not enough room. `bind` creates a
    /// new series.
    ///
    /// The statuses of a call overflow together. If only the failures overflowed, the remaining series would look healthy. Attributes
    /// that the stream drops become filtered attributes of exemplars.
    pub(super) fn bind_all(
        &self,
        binding: &Arc<Binding>,
        mut attributes: Vec<Vec<KeyValue>>,
        bind: Bind<'_, I>,
    ) -> Vec<Series<I::Bound>> {
        let dropped = take_dropped(&self.stream, &mut attributes);
        let mut kept = lock(&self.series);
        let new = new(&kept.places, &attributes);
        if kept.series.len() + new <= self.stream.cap {
            let is_first = kept.series.is_empty();
            let bound = attributes.into_iter().map(|attributes| match kept.places.get(&attributes) {
                Some(at) => kept.series[*at].clone(),
                None => {
                    let bound =
                        Series::new(self.bind_at(kept.series.len(), |instrument| bind(instrument, &attributes)));
                    let at = kept.series.len();
                    kept.places.insert(attributes, at);
                    kept.series.push(bound.clone());
                    bound
                }
            });
            let bound = bound.collect();
            drop(kept);
            self.count.fetch_add(new, Ordering::Relaxed);
            if is_first {
                binding.streams().note_use(&self.stream.name);
                self.declare_overflow(binding);
            }
            return with_filtered_attributes::<I>(bound, dropped);
        }
        drop(kept);
        let overflow = vec![self.overflow(binding); attributes.len()];
        let lost = attributes.into_iter().zip(dropped).map(|(kept, dropped)| [kept, dropped].concat()).collect();
        with_filtered_attributes::<I>(overflow, lost)
    }

    /// Whether new attribute sets go to the overflow series.
    pub(super) fn is_full(&self) -> bool {
        self.count.load(Ordering::Relaxed) >= self.stream.cap
    }

    /// The overflow series.
    pub(crate) fn overflow(&self, binding: &Arc<Binding>) -> Series<I::Bound> {
        let series = self.overflow.get_or_init(|| {
            report!(
                WARN,
                { metric = self.metric.as_str(), cap = self.stream.cap },
                "the metric has reached its cap; new label values are recorded in its overflow series (otel_metric_overflow=\"true\")"
            );
            let bound = self.bind_at(0, |instrument| instrument.bind(&overflow_attributes()));
            Series::with_overflow_counter(bound, overflow_counter(binding, self.stream.def, &self.metric))
        });
        series.clone()
    }
}

impl<I: Instrument> AnyFamily for Family<I> {
    fn release(&self, binding: &Arc<Binding>) {
        let made = instruments(binding, &self.stream);
        let before = std::mem::replace(&mut *write(&self.instruments), made);
        let series = std::mem::replace(&mut *lock(&self.series), SeriesMap::new());
        drop((before, series));
    }
}

/// Creates the instruments of a stream. All are created at once, because creating one waits while the SDK collects.
fn instruments<I: Instrument>(binding: &Arc<Binding>, stream: &Arc<Stream>) -> Box<[I]> {
    let parts = if I::IN_PARTS { stream.parts() } else { 1 };
    (0..parts).map(|part| I::create(binding, stream, part)).collect()
}

impl<B> SeriesMap<B> {
    fn new() -> Self {
        Self { places: HashMap::new(), series: Vec::new() }
    }
}

/// Removes the attributes that the stream drops from each set, and returns them.
fn take_dropped(stream: &Stream, sets: &mut [Vec<KeyValue>]) -> Vec<Vec<KeyValue>> {
    let dropped =
        |set: &mut Vec<KeyValue>| set.extract_if(.., |attribute| !stream.keeps(attribute.key.as_str())).collect();
    sets.iter_mut().map(dropped).collect()
}

/// The number of sets that have no series yet. Sets that a view merges count once.
fn new(places: &HashMap<Vec<KeyValue>, usize>, sets: &[Vec<KeyValue>]) -> usize {
    let is_new = |at: usize, set: &Vec<KeyValue>| !places.contains_key(set) && !sets[..at].contains(set);
    sets.iter().enumerate().filter(|(at, set)| is_new(*at, set)).count()
}

/// The counter of overflows for `def`; `metric` is its Prometheus name. `None` for the counter of overflows itself.
pub(super) fn overflow_counter(
    binding: &Arc<Binding>,
    def: &MetricDef,
    metric: &str,
) -> Option<Series<BoundCounter<u64>>> {
    // Compared by name, since a const has no address.
    if def.name == sdk::OVERFLOW::DEF.name {
        return None;
    }
    let overflow = binding.metric::<Counter<u64>>(sdk::OVERFLOW::DEF, None);
    overflow.bind(binding, vec![KeyValue::new("metric", metric.to_owned())])
}

/// Sets the filtered attributes of each series.
fn with_filtered_attributes<I: Instrument>(
    mut series: Vec<Series<I::Bound>>,
    lost: Vec<Vec<KeyValue>>,
) -> Vec<Series<I::Bound>> {
    for (series, lost) in series.iter_mut().zip(lost).filter(|(_, lost)| !lost.is_empty()) {
        I::set_filtered_attributes(series.bound_mut(), lost);
    }
    series
}
