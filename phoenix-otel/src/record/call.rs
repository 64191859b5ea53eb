//! The guard that a call is: what starts is finished, whatever ends it.

use std::sync::{Arc, OnceLock};

use opentelemetry::KeyValue;
use opentelemetry::metrics as otel;

use super::tally::Tally;
use crate::catalog::function::Status;
use crate::catalog::{CallDef, Label, LabelDef, MetricDef};
use crate::exemplar::Noted;
use crate::instrument::attributes::attribute;
use crate::instrument::binding::Binding;
use crate::instrument::bound::{BoundCounter, BoundHistogram, Histogram};
use crate::instrument::metric::Metric;
use crate::instrument::series::Series;
use crate::instrument::table::{Sparse, Values};

/// The bound series of one call: what one label set of a call set, or one instrumented function, records.
pub struct CallSeries {
    tally: Tally,
    duration: Option<Series<BoundHistogram>>,
    clock: quanta::Clock,
    errors: Option<ErrorSeries>,
}

/// What calls have beside their labels and metrics.
#[derive(Clone, Copy, Default)]
pub(crate) struct Of {
    /// Stands in for the service's own.
    pub(crate) subsystem: Option<&'static str>,
    /// The bounds of the duration, where they are not those of the metric.
    pub(crate) bounds: Option<&'static [f64]>,
}

/// The counter of errors by `error_type`, which is known only when one occurs.
struct ErrorSeries {
    binding: Arc<Binding>,
    metric: Metric<otel::Counter<u64>>,
    def: &'static MetricDef,
    own: Own,
    /// Made when the first error comes, since most label sets of most calls never see one, and an empty map takes kilobytes.
    bound: OnceLock<Sparse<Option<Series<BoundCounter<u64>>>>>,
}

/// What one metric has of a call's labels.
struct Own {
    attributes: Vec<KeyValue>,
    /// The labels whose values are not to be told apart any more.
    unknown: Vec<&'static str>,
}

const ERROR_TYPE: &str = "error_type";

impl CallSeries {
    /// Binds what `def` names to the values of the set's labels. Where they are not all to be told apart, a metric that has one of those
    /// that are not is bound to its overflow series.
    pub(crate) fn bind(binding: &Arc<Binding>, def: &CallDef, of: Of, values: Values<'_>) -> Self {
        let known: Vec<_> = values.known(def.labels).collect();
        let is_known = |label: &LabelDef| known.iter().any(|(known, _)| known.name == label.name);
        // What of the set's labels a metric has.
        let own = |metric: &MetricDef| -> Own {
            let has = |label: &LabelDef| metric.labels.iter().any(|has| has.name == label.name);
            let attributes = known.iter().filter(|(label, _)| has(label));
            let unknown = def.labels.iter().filter(|label| has(label) && !is_known(label));
            Own {
                attributes: attributes.filter_map(|(label, value)| attribute(label, value)).collect(),
                unknown: unknown.map(|label| label.name).collect(),
            }
        };
        let requests = def.requests.and_then(|metric| {
            let own = own(metric);
            let statuses = [Status::Ok, Status::Error, Status::Cancelled, Status::Panic].map(|status| {
                let status = KeyValue::new("status", Status::VALUES[status.index()]);
                own.attributes.iter().cloned().chain([status]).collect()
            });
            let metric = binding.metric::<otel::Counter<u64>>(metric, of.subsystem);
            metric.bind_all(binding, statuses.into(), &own.unknown)?.try_into().ok()
        });
        let active = def.active.and_then(|metric| {
            let own = own(metric);
            let metric = binding.metric::<otel::UpDownCounter<i64>>(metric, of.subsystem);
            metric.bind_known(binding, own.attributes, &own.unknown)
        });
        let duration = def.duration.and_then(|metric| {
            let own = own(metric);
            let metric = binding.metric::<Histogram>(metric, of.subsystem);
            match of.bounds {
                Some(bounds) => metric.bind_bounded(binding, own.attributes, bounds),
                None => metric.bind_known(binding, own.attributes, &own.unknown),
            }
        });
        let errors = def.errors.map(|def| ErrorSeries {
            binding: binding.clone(),
            metric: binding.metric(def, of.subsystem),
            def,
            own: own(def),
            bound: OnceLock::new(),
        });
        Self {
            tally: Tally::new(binding, requests, active),
            duration,
            errors: errors.filter(|errors| !errors.metric.is_dropped()),
            clock: binding.clock().clone(),
        }
    }

    /// Whether there is anything to record.
    pub(crate) fn is_dropped(&self) -> bool {
        self.tally.is_idle() && self.duration.is_none() && self.errors.is_none()
    }

    /// Binds the counters of these kinds of error, so that they exist at 0.
    pub(crate) fn zero_errors(&'static self, error_types: &[&str]) {
        for error_type in error_types {
            self.error(error_type);
        }
    }

    fn error(&'static self, error_type: &str) -> Option<&'static Series<BoundCounter<u64>>> {
        self.errors.as_ref()?.series(error_type)
    }
}

impl ErrorSeries {
    fn series(&'static self, error_type: &str) -> Option<&'static Series<BoundCounter<u64>>> {
        let Self { binding, metric, def, own, bound } = self;
        let label = def.labels.iter().find(|label| label.name == ERROR_TYPE);
        let labels = label.map(std::slice::from_ref).unwrap_or_default();
        let bound = bound.get_or_init(|| Sparse::new(metric.cap(), labels, &|label| metric.keeps(label)));
        let series = bound.get(&[error_type], &|values| {
            let mut attributes = own.attributes.clone();
            let mut unknown = own.unknown.clone();
            if values.is_some() {
                // Each call has a table of its own, so their number is bounded only if none fills it for a metric that is full.
                if metric.is_full(ERROR_TYPE) {
                    bound.close();
                }
                attributes.extend(label.and_then(|label| attribute(label, error_type)));
            } else {
                unknown.push(ERROR_TYPE);
            }
            metric.bind_known(binding, attributes, &unknown)
        });
        series?.as_ref()
    }
}

/// What a call is recorded under: an instrumented function, or a call set with its labels.
pub trait Target: Copy {
    /// The bound series; `None` before `init`.
    fn series(self) -> Option<&'static CallSeries>;
}

/// A call set with its labels.
#[derive(Clone, Copy)]
pub struct Bound(pub(crate) Option<&'static CallSeries>);

impl Target for Bound {
    #[inline]
    fn series(self) -> Option<&'static CallSeries> {
        self.0
    }
}

/// A call in flight.
///
/// Finish it with [`finish`](Self::finish). Dropped without, it is counted as cancelled, or as a panic if it is
/// dropped by one.
#[must_use = "a call that is dropped at once is counted as cancelled"]
pub struct Call {
    series: Option<&'static CallSeries>,
    start: u64,
    on_drop: Option<Status>,
    error: Option<&'static Series<BoundCounter<u64>>>,
    noted: Noted,
}

impl Call {
    /// Starts a call: from now on it is in flight.
    #[inline]
    pub fn start(target: impl Target) -> Self {
        let series = target.series();
        let mut start = 0;
        if let Some(series) = series {
            series.tally.start();
            if series.duration.is_some() {
                start = series.clock.raw();
            }
        }
        Self { series, start, on_drop: None, error: None, noted: Noted::default() }
    }

    /// Says what it means if the call is dropped from now on; without, it is told by whether the thread panics.
    #[inline]
    pub fn drop_means(&mut self, status: Status) {
        self.on_drop = Some(status);
    }

    /// Where to note in which span the call runs.
    #[inline]
    pub(super) fn noted(&mut self) -> &mut Noted {
        &mut self.noted
    }

    /// Ends the call with the value that it returned. `judge` decides whether that is a failure.
    #[inline]
    pub fn finish<R: ?Sized>(mut self, value: &R, judge: impl FnOnce(&R, &mut Verdict<'_>)) {
        if self.series.is_some() {
            // Should judging panic, the call is still one that returned.
            self.on_drop = Some(Status::Ok);
            judge(value, &mut Verdict(&mut self));
        }
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        let Some(series) = self.series else { return };
        let status = match self.on_drop {
            Some(status) => status,
            None if std::thread::panicking() => Status::Panic,
            None => Status::Cancelled,
        };
        if let Some(duration) = &series.duration {
            let nanos = series.clock.delta_as_nanos(self.start, series.clock.raw());
            // A quotient, since as a product 15 s would be above a bound of 15.
            let seconds = nanos as f64 / 1e9;
            duration.record(|bound| bound.record_noted(seconds, self.noted));
        }
        if let Some(error) = self.error {
            error.add(1);
        }
        series.tally.end(status);
    }
}

/// What a call is judged to be. Untouched it is a success.
pub struct Verdict<'c>(&'c mut Call);

impl Verdict<'_> {
    /// The call failed, with this kind of error: a bounded name in snake case, never the error's text.
    pub fn error(&mut self, error_type: &str) {
        self.0.on_drop = Some(Status::Error);
        self.0.error = self.0.series.and_then(|series| series.error(error_type));
    }
}
