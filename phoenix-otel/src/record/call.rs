//! `Call`: an RAII guard that records each call exactly once, however it ends.

use std::fmt;
use std::sync::{Arc, OnceLock};

use opentelemetry::KeyValue;
use opentelemetry::metrics as otel;

use super::call_counts::CallCounts;
use crate::catalog::function::Status;
use crate::catalog::{CallDef, Label, LabelDef, MetricDef};
use crate::exemplar::CallSpan;
use crate::instrument::attributes::attribute;
use crate::instrument::binding::Binding;
use crate::instrument::bound::{BoundCounter, BoundHistogram, BoundUpDownCounter, Histogram};
use crate::instrument::metric::Metric;
use crate::instrument::series::{DroppedCounter, Series};
use crate::instrument::table::{LabelValues, Sparse};

/// The bound series of one call: those of one label set of a call set, or those of one instrumented function.
#[allow(missing_debug_implementations, reason = "internal: users cannot name it")]
pub struct CallSeries {
    counts: CallCounts,
    duration: Option<Series<BoundHistogram>>,
    clock: quanta::Clock,
    errors: Option<ErrorSeries>,
    /// Counters of dropped recordings. There is one for each metric that another version of the crate declares differently.
    dropped: Box<[DroppedCounter]>,
    dropped_errors: Option<DroppedCounter>,
}

/// Settings of a call that are neither labels nor metrics.
#[derive(Clone, Copy, Default)]
pub(crate) struct CallOptions {
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
    call_labels: CallLabels,
    /// Created at the first error. Most label sets never have an error, and an empty map takes kilobytes.
    bound: OnceLock<Sparse<Option<Series<BoundCounter<u64>>>>>,
}

/// The labels of a call that one metric has.
struct CallLabels {
    attributes: Vec<KeyValue>,
    /// The labels whose values exceed the cap. A metric that has one of them records in its overflow series.
    overflowing: Vec<&'static str>,
}

const ERROR_TYPE: &str = "error_type";

/// The series of one call in the SDK.
struct Parts {
    requests: Option<[Series<BoundCounter<u64>>; Status::VALUES.len()]>,
    active: Option<Series<BoundUpDownCounter<i64>>>,
    duration: Option<Series<BoundHistogram>>,
    errors: Option<ErrorSeries>,
}

impl Parts {
    /// Creates the series of the metrics of `def` for the values of the set's labels. If the table of label values is full, some values are
    /// unknown. A metric with such a label gets its overflow series.
    fn bind(binding: &Arc<Binding>, def: &CallDef, options: CallOptions, values: LabelValues<'_>) -> Self {
        let known: Vec<_> = values.known(def.labels).collect();
        let is_known = |label: &LabelDef| known.iter().any(|(known, _)| known.name == label.name);
        // The labels of the set that the metric has.
        let labels_of = |metric: &MetricDef| -> CallLabels {
            let has = |label: &LabelDef| metric.labels.iter().any(|has| has.name == label.name);
            let attributes = known.iter().filter(|(label, _)| has(label));
            let overflowing = def.labels.iter().filter(|label| has(label) && !is_known(label));
            CallLabels {
                attributes: attributes.filter_map(|(label, value)| attribute(label, value)).collect(),
                overflowing: overflowing.map(|label| label.name).collect(),
            }
        };
        let requests = def.requests.and_then(|metric| {
            let call_labels = labels_of(metric);
            let statuses = [Status::Ok, Status::Error, Status::Cancelled, Status::Panic].map(|status| {
                let status = KeyValue::new("status", Status::VALUES[status.index()]);
                call_labels.attributes.iter().cloned().chain([status]).collect()
            });
            let metric = binding.metric::<otel::Counter<u64>>(metric, options.subsystem);
            metric.bind_all(binding, statuses.into(), &call_labels.overflowing)?.try_into().ok()
        });
        let active = def.active.and_then(|metric| {
            let call_labels = labels_of(metric);
            let metric = binding.metric::<otel::UpDownCounter<i64>>(metric, options.subsystem);
            metric.bind_or_overflow(binding, call_labels.attributes, &call_labels.overflowing)
        });
        let duration = def.duration.and_then(|metric| {
            let call_labels = labels_of(metric);
            let metric = binding.metric::<Histogram>(metric, options.subsystem);
            match options.bounds {
                Some(bounds) => metric.bind_bounded(binding, call_labels.attributes, bounds),
                None => metric.bind_or_overflow(binding, call_labels.attributes, &call_labels.overflowing),
            }
        });
        let errors = def.errors.map(|def| ErrorSeries {
            binding: binding.clone(),
            metric: binding.metric(def, options.subsystem),
            def,
            call_labels: labels_of(def),
            bound: OnceLock::new(),
        });
        Self { requests, active, duration, errors: errors.filter(|errors| !errors.metric.is_dropped()) }
    }
}

impl CallSeries {
    /// Binds the metrics of `def` to the values of the set's labels.
    pub(crate) fn bind(binding: &Arc<Binding>, def: &CallDef, options: CallOptions, values: LabelValues<'_>) -> Self {
        let Parts { requests, active, duration, errors } = Parts::bind(binding, def, options, values);
        let of_calls = [def.requests, def.active, def.duration].into_iter().flatten();
        Self {
            counts: CallCounts::new(binding, requests, active),
            duration,
            errors,
            clock: binding.clock().clone(),
            dropped: of_calls.filter_map(|def| binding.dropped_counter(def)).collect(),
            dropped_errors: def.errors.and_then(|def| binding.dropped_counter(def)),
        }
    }

    /// Creates the series at 0, with these kinds of error, and binds nothing: the first call binds.
    pub(crate) fn zero(
        binding: &Arc<Binding>,
        def: &CallDef,
        options: CallOptions,
        values: LabelValues<'_>,
        error_types: &[&str],
    ) {
        if let Some(errors) = Parts::bind(binding, def, options, values).errors {
            error_types.iter().for_each(|error_type| drop(errors.bind(Some(error_type))));
        }
    }

    /// Whether no metric records anything.
    pub(crate) fn is_dropped(&self) -> bool {
        let nothing_dropped = self.dropped.is_empty() && self.dropped_errors.is_none();
        self.counts.is_empty() && self.duration.is_none() && self.errors.is_none() && nothing_dropped
    }

    fn error(&'static self, error_type: &str) -> Option<&'static Series<BoundCounter<u64>>> {
        match &self.errors {
            Some(errors) => errors.series(error_type),
            None => self.dropped_errors.as_ref(),
        }
    }
}

impl ErrorSeries {
    fn series(&'static self, error_type: &str) -> Option<&'static Series<BoundCounter<u64>>> {
        let Self { metric, bound, .. } = self;
        let bound = bound.get_or_init(|| Sparse::new(metric.cap(), self.label(), &|label| metric.keeps(label)));
        let series = bound.get(&[error_type], &|values| {
            // Each label set has its own table. A table must not grow once the metric is full, or memory would not be bounded.
            if values.is_some() && metric.is_full(ERROR_TYPE) {
                bound.mark_full();
            }
            self.bind(values.map(|_| error_type))
        });
        series?.as_ref()
    }

    /// Creates the series of a kind of error; `None` is one that exceeds the cap.
    fn bind(&self, error_type: Option<&str>) -> Option<Series<BoundCounter<u64>>> {
        let mut attributes = self.call_labels.attributes.clone();
        let mut overflowing = self.call_labels.overflowing.clone();
        match error_type {
            Some(error_type) => attributes.extend(self.label().first().and_then(|label| attribute(label, error_type))),
            None => overflowing.push(ERROR_TYPE),
        }
        self.metric.bind_or_overflow(&self.binding, attributes, &overflowing)
    }

    /// The metric's label for the kind of error.
    fn label(&self) -> &'static [LabelDef] {
        let label = self.def.labels.iter().find(|label| label.name == ERROR_TYPE);
        label.map(std::slice::from_ref).unwrap_or_default()
    }
}

/// The target of a [`Call`]: a [`CallSet`](crate::CallSet) with its labels. [`CallSet::bind`](crate::CallSet::bind) and
/// [`measure`](crate::measure()) create it.
///
/// Its methods are internal, so other crates cannot implement it.
pub trait CallTarget: Copy + Bind {}

impl<T: Copy + Bind> CallTarget for T {}

/// Finds the series of a call.
pub trait Bind {
    /// The bound series; `None` before `init`.
    fn series(&self) -> Option<&'static CallSeries>;
}

/// A call set bound to its labels. [`CallSet::bind`](crate::CallSet::bind) returns it, and [`Call::start`] takes it.
///
/// It keeps the series that existed when it was bound. So a value that is bound before [`init`](crate::init()) never records anything.
#[derive(Clone, Copy)]
pub struct BoundCallSet(pub(crate) Option<&'static CallSeries>);

impl Bind for BoundCallSet {
    #[inline]
    fn series(&self) -> Option<&'static CallSeries> {
        self.0
    }
}

impl fmt::Debug for BoundCallSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundCallSet").field("records", &self.0.is_some()).finish()
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
/// | drop | the status set by [`status_on_drop`](Self::status_on_drop); otherwise `panic` if the thread panics, else `cancelled` |
///
/// The duration is in seconds. The [call set](crate::metrics!#call-sets) determines which metrics are recorded. A call that starts before
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
    call_span: CallSpan,
}

impl Call {
    /// Starts a call. It is in flight until it ends.
    #[inline]
    pub fn start(target: impl CallTarget) -> Self {
        let series = target.series();
        let mut start = 0;
        if let Some(series) = series {
            series.counts.start();
            if series.duration.is_some() {
                start = series.clock.raw();
            }
        }
        Self { series, start, on_drop: None, error: None, call_span: CallSpan::default() }
    }

    /// Sets the status that a drop records, instead of `cancelled` or `panic`.
    #[inline]
    pub fn status_on_drop(&mut self, status: Status) {
        self.on_drop = Some(status);
    }

    /// The span in which the call ran.
    #[inline]
    pub(super) fn call_span(&mut self) -> &mut CallSpan {
        &mut self.call_span
    }

    /// Ends the call with the status `ok`.
    #[inline]
    pub fn ok(mut self) {
        self.on_drop = Some(Status::Ok);
    }

    /// Ends the call with the status `error` and this kind of error: a bounded name in snake case, never the error's text. An empty name
    /// counts as `rejected`.
    #[inline]
    pub fn error(self, error_type: &str) {
        self.finish(error_type, |error_type, verdict| verdict.error(error_type));
    }

    /// Ends the call with the returned value. `judge` decides whether the value is a failure: for a failure it must call
    /// [`Verdict::error`]. [`Outcome::judge`](crate::Outcome::judge) applies the same rules as [`measure`](crate::measure()).
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
            duration.record(|bound| bound.record_in_span(seconds, self.call_span));
        }
        if let Some(error) = self.error {
            error.add(1);
        }
        series.dropped.iter().for_each(|counter| counter.add(1));
        series.counts.end(status);
    }
}

/// The result of judging a returned value: a success, unless [`error`](Self::error) is called.
#[derive(Debug)]
pub struct Verdict<'c>(&'c mut Call);

impl Verdict<'_> {
    /// Marks the call as failed with this kind of error: a bounded name in snake case, never the error's text. An empty name counts as
    /// `rejected`.
    pub fn error(&mut self, error_type: &str) {
        let error_type = if error_type.is_empty() { super::outcome::REJECTED } else { error_type };
        self.0.on_drop = Some(Status::Error);
        self.0.error = self.0.series.and_then(|series| series.error(error_type));
    }
}
