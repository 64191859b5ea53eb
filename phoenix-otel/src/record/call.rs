//! `Call`: an RAII guard that records each call exactly once, whatever ends it.

use std::fmt;
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
use crate::instrument::series::{Lost, Series};
use crate::instrument::table::{Sparse, Values};

/// The bound series of one call: what one label set of a call set, or one instrumented function, records.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct CallSeries {
    tally: Tally,
    duration: Option<Series<BoundHistogram>>,
    clock: quanta::Clock,
    errors: Option<ErrorSeries>,
    /// Counters of dropped recordings. There is one for each metric that another version of the crate declares differently.
    lost: Box<[Lost]>,
    lost_errors: Option<Lost>,
}

/// Settings of a call that are neither labels nor metrics.
#[derive(Clone, Copy, Default)]
pub(crate) struct Of {
    /// Replaces the subsystem of the service.
    pub(crate) subsystem: Option<&'static str>,
    /// Replaces the bounds of the duration's histogram.
    pub(crate) bounds: Option<&'static [f64]>,
}

/// The counter of errors by `error_type`, which is known only when one occurs.
struct ErrorSeries {
    binding: Arc<Binding>,
    metric: Metric<otel::Counter<u64>>,
    def: &'static MetricDef,
    own: Own,
    /// Created at the first error. Most label sets never see one, and an empty map takes kilobytes.
    bound: OnceLock<Sparse<Option<Series<BoundCounter<u64>>>>>,
}

/// The labels of a call that one metric has.
struct Own {
    attributes: Vec<KeyValue>,
    /// The labels whose values exceed the cap. A metric that has one of them records in its overflow series.
    unknown: Vec<&'static str>,
}

const ERROR_TYPE: &str = "error_type";

impl CallSeries {
    /// Binds the metrics of `def` to the values of the set's labels. If the table of label values is full, some values are unknown. A
    /// metric with such a label is bound to its overflow series.
    pub(crate) fn bind(binding: &Arc<Binding>, def: &CallDef, of: Of, values: Values<'_>) -> Self {
        let known: Vec<_> = values.known(def.labels).collect();
        let is_known = |label: &LabelDef| known.iter().any(|(known, _)| known.name == label.name);
        // The labels of the set that the metric has.
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
        let of_calls = [def.requests, def.active, def.duration].into_iter().flatten();
        let lost = of_calls.filter_map(|def| binding.lost(def)).collect();
        let lost_errors = def.errors.and_then(|def| binding.lost(def));
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
            lost,
            lost_errors,
        }
    }

    /// Whether no metric records anything.
    pub(crate) fn is_dropped(&self) -> bool {
        let nothing_lost = self.lost.is_empty() && self.lost_errors.is_none();
        self.tally.is_idle() && self.duration.is_none() && self.errors.is_none() && nothing_lost
    }

    /// Binds the counters of these kinds of error, so that they exist at 0.
    pub(crate) fn zero_errors(&'static self, error_types: &[&str]) {
        for error_type in error_types {
            self.error(error_type);
        }
    }

    fn error(&'static self, error_type: &str) -> Option<&'static Series<BoundCounter<u64>>> {
        match &self.errors {
            Some(errors) => errors.series(error_type),
            None => self.lost_errors.as_ref(),
        }
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
                // Each label set has its own table. A table must not grow once the metric is full, or memory would not be bounded.
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

/// The target of a [`Call`]: a [`CallSet`](crate::CallSet) with its labels. [`CallSet::bind`](crate::CallSet::bind) and
/// [`measure`](crate::measure()) create it.
///
/// Its methods are internal, so other crates cannot implement it.
pub trait Target: Copy + Bind {}

impl<T: Copy + Bind> Target for T {}

/// Finds the series of a call.
pub trait Bind {
    /// The bound series; `None` before `init`.
    fn series(&self) -> Option<&'static CallSeries>;
}

/// A call set bound to its labels. [`CallSet::bind`](crate::CallSet::bind) returns it, and [`Call::start`] takes it.
///
/// It keeps its series, so a set that is bound before [`init`](crate::init()) records nothing.
#[derive(Clone, Copy)]
pub struct Bound(pub(crate) Option<&'static CallSeries>);

impl Bind for Bound {
    #[inline]
    fn series(&self) -> Option<&'static CallSeries> {
        self.0
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound").field("records", &self.0.is_some()).finish()
    }
}

/// A call in flight: an RAII guard that records the call exactly once, when it ends.
///
/// [`start`](Self::start) increments the gauge of calls in flight and starts the timer. How the call ends sets the label `status`:
///
/// | ended by | `status` |
/// |---|---|
/// | [`ok`](Self::ok) | `ok` |
/// | [`error`](Self::error) | `error`; the counter of errors is incremented, with this `error_type` |
/// | [`finish`](Self::finish) | `ok` or `error`, as its function decides |
/// | drop | the status set by [`drop_means`](Self::drop_means); otherwise `panic` if the thread panics, else `cancelled` |
///
/// The duration is in seconds. The [call set](crate::metrics!#call-sets) says which metrics are recorded. A call that starts before
/// [`init`](crate::init()) records nothing. No method fails or panics.
///
/// ```
/// use phoenix_otel::{Call, Status, metrics};
///
/// metrics! {
///     /// Messages handled.
///     static MESSAGES: Counter { topic: &str, status: Status } = "acme.messages" { unit: "{message}" };
///     /// Messages that could not be handled.
///     static FAILED: Counter { topic: &str, error_type: &str } = "acme.messages.failed" { unit: "{message}" };
///     /// One message.
///     static MESSAGE: CallSet { topic: &str } = { requests: MESSAGES, errors: FAILED };
/// }
///
/// fn handle(topic: &str, message: &str) {
///     let call = Call::start(MESSAGE.bind(&MESSAGE { topic }));
///     match message.parse::<u32>() {
///         Ok(_) => call.ok(),
///         Err(_) => call.error("not_a_number"),
///     }
/// }
/// # handle("orders", "1");
/// # handle("orders", "one");
/// ```
///
/// [`measure`](crate::measure()) measures a future, and [`#[instrument_metrics]`](macro@crate::instrument_metrics) measures a function.
/// Both use this guard.
#[must_use = "a call that is dropped at once is counted as cancelled"]
pub struct Call {
    series: Option<&'static CallSeries>,
    start: u64,
    on_drop: Option<Status>,
    error: Option<&'static Series<BoundCounter<u64>>>,
    noted: Noted,
}

impl Call {
    /// Starts a call. It is in flight until it ends.
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

    /// Sets the status that a drop records, instead of `cancelled` or `panic`.
    #[inline]
    pub fn drop_means(&mut self, status: Status) {
        self.on_drop = Some(status);
    }

    /// The span in which the call ran.
    #[inline]
    pub(super) fn noted(&mut self) -> &mut Noted {
        &mut self.noted
    }

    /// Ends the call with the status `ok`.
    #[inline]
    pub fn ok(mut self) {
        self.on_drop = Some(Status::Ok);
    }

    /// Ends the call with the status `error` and this kind of error: a bounded name in snake case, never the error's text.
    #[inline]
    pub fn error(self, error_type: &str) {
        self.finish(error_type, |error_type, verdict| verdict.error(error_type));
    }

    /// Ends the call with the returned value. `judge` decides whether the value is a failure: it calls [`Verdict::error`] for a failure,
    /// and nothing for a success. [`Outcome::judge`](crate::Outcome::judge) decides like [`measure`](crate::measure()).
    ///
    /// ```
    /// # use phoenix_otel::{Call, Outcome, Status, metrics};
    /// # metrics! {
    /// #     /// Imports.
    /// #     static IMPORTS: Counter { status: Status } = "acme.imports" { unit: "{import}" };
    /// #     /// One import.
    /// #     static IMPORT: CallSet = { requests: IMPORTS };
    /// # }
    /// let call = Call::start(IMPORT.bind(&()));
    /// let result = std::fs::read("rows.csv");
    /// call.finish(&result, |result, verdict| result.judge(verdict));
    /// ```
    #[inline]
    pub fn finish<R: ?Sized>(mut self, value: &R, judge: impl FnOnce(&R, &mut Verdict<'_>)) {
        if self.series.is_some() {
            // If `judge` panics, the call has still returned.
            self.on_drop = Some(Status::Ok);
            judge(value, &mut Verdict(&mut self));
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { series, on_drop, .. } = self;
        f.debug_struct("Call").field("records", &series.is_some()).field("on_drop", on_drop).finish_non_exhaustive()
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
            // Division, not multiplication: 15e9 * 1e-9 is greater than 15, so it would fall into the wrong bucket.
            let seconds = nanos as f64 / 1e9;
            duration.record(|bound| bound.record_noted(seconds, self.noted));
        }
        if let Some(error) = self.error {
            error.add(1);
        }
        series.lost.iter().for_each(|lost| lost.add(1));
        series.tally.end(status);
    }
}

/// The result of judging a returned value: a success, unless [`error`](Self::error) is called.
#[derive(Debug)]
pub struct Verdict<'c>(&'c mut Call);

impl Verdict<'_> {
    /// Marks the call as failed with this kind of error: a bounded name in snake case, never the error's text.
    pub fn error(&mut self, error_type: &str) {
        self.0.on_drop = Some(Status::Error);
        self.0.error = self.0.series.and_then(|series| series.error(error_type));
    }
}
