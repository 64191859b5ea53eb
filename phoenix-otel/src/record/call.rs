//! The guard that a call is: what starts is finished, whatever ends it.

use std::sync::{Arc, OnceLock};

use opentelemetry::KeyValue;
use opentelemetry::metrics as otel;

use super::tally::Tally;
use crate::catalog::function::Status;
use crate::catalog::{CallDef, Label, LabelDef, MetricDef};
use crate::exemplar::Noted;
use crate::instrument::binding::Binding;
use crate::instrument::bound::{BoundCounter, BoundHistogram, Histogram, Instrument};
use crate::instrument::family::{Family, Series, attribute};
use crate::instrument::table::{Sparse, Values};

/// The bound series of one call: what one label set of a call set, or one instrumented function, records.
pub struct CallSeries {
    tally: Tally,
    duration: Option<Series<BoundHistogram>>,
    clock: quanta::Clock,
    errors: Option<ErrorSeries>,
}

/// The counter of errors by `error_type`, which is known only when one occurs.
struct ErrorSeries {
    binding: Arc<Binding>,
    family: Arc<Family<otel::Counter<u64>>>,
    def: &'static MetricDef,
    /// The call's own labels; `None` where it is on the overflow series.
    labels: Option<Vec<KeyValue>>,
    /// Made when the first error comes, since most label sets of most calls never see one, and an empty map takes kilobytes.
    bound: OnceLock<Sparse<Series<BoundCounter<u64>>>>,
}

impl CallSeries {
    /// Binds what `def` names to the values of the set's labels. Where they are not all to be told apart, a metric that has one of those
    /// that are not is bound to its overflow series.
    pub(crate) fn bind(binding: &Arc<Binding>, def: &CallDef, subsystem: Option<&str>, values: Values<'_>) -> Self {
        let (values, are_kept): (_, fn(&LabelDef) -> bool) = match values {
            Values::All(values) => (values, |_| true),
            Values::Closed(values) => (values, |label| label.values.is_some()),
            Values::Nothing => (&[][..], |_| false),
        };
        // What of the set's labels a metric has.
        let own = |metric: &MetricDef| -> Option<Vec<KeyValue>> {
            let has = |label: &&LabelDef| metric.labels.iter().any(|has| has.name == label.name);
            if !def.labels.iter().filter(has).all(are_kept) {
                return None;
            }
            let of_metric = def.labels.iter().zip(values).filter(|(label, _)| has(label));
            Some(of_metric.filter_map(|(label, value)| attribute(label, value)).collect())
        };
        fn series<I: Instrument>(
            binding: &Arc<Binding>,
            family: &Family<I>,
            attributes: Option<Vec<KeyValue>>,
        ) -> Series<I::Bound> {
            match attributes {
                Some(attributes) => family.bind(binding, attributes),
                None => family.overflow(binding),
            }
        }
        let requests = def.requests.map(|metric| {
            let family = binding.family::<otel::Counter<u64>>(metric, subsystem);
            let statuses = [Status::Ok, Status::Error, Status::Cancelled, Status::Panic];
            match own(metric) {
                Some(attributes) => family.bind_all(
                    binding,
                    statuses.map(|status| {
                        let status = KeyValue::new("status", Status::VALUES[status.index()]);
                        attributes.iter().cloned().chain([status]).collect()
                    }),
                ),
                None => statuses.map(|_| family.overflow(binding)),
            }
        });
        let active = def
            .active
            .map(|metric| series::<otel::UpDownCounter<i64>>(binding, &binding.family(metric, subsystem), own(metric)));
        Self {
            tally: Tally::new(binding, requests, active),
            duration: def
                .duration
                .map(|metric| series::<Histogram>(binding, &binding.family(metric, subsystem), own(metric))),
            errors: def.errors.map(|metric| ErrorSeries {
                binding: binding.clone(),
                family: binding.family(metric, subsystem),
                def: metric,
                labels: own(metric),
                bound: OnceLock::new(),
            }),
            clock: binding.clock().clone(),
        }
    }

    /// Binds the counters of these kinds of error, so that they exist at 0.
    pub(crate) fn zero_errors(&'static self, error_types: &[&str]) {
        for error_type in error_types {
            self.error(error_type);
        }
    }

    fn error(&'static self, error_type: &str) -> Option<&'static Series<BoundCounter<u64>>> {
        let errors = self.errors.as_ref()?;
        let bound = errors.bound.get_or_init(|| Sparse::new(errors.def.cap));
        bound.get(&[error_type], |values| match (&errors.labels, values) {
            (Some(labels), Some(_)) => {
                // Each call has a table of its own, so their number is bounded only if none fills it for a metric that is full.
                if errors.family.is_full() {
                    bound.close();
                }
                let label = errors.def.labels.iter().find(|label| label.name == "error_type");
                let mut attributes = labels.clone();
                attributes.extend(label.and_then(|label| attribute(label, error_type)));
                errors.family.bind(&errors.binding, attributes)
            }
            _ => errors.family.overflow(&errors.binding),
        })
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
            start = series.clock.raw();
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
            duration.touch().record_noted(nanos as f64 * 1e-9, self.noted);
        }
        if let Some(error) = self.error {
            error.touch().add(1);
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
