//! Checks at compile time that the metrics of a call set match it. The messages here are compile errors.

use super::def::{CallDef, Kind, MetricDef, same};
use super::function::Status;
use super::labels::{Label, LabelDef};
use super::message::Message;

/// Each of these functions panics if the metric does not match. In a constant the panic is a compile error. `track_caller` puts the error
/// on the metric's name.
impl CallDef {
    /// Creates a set with these labels and no metrics.
    #[doc(hidden)]
    pub const fn new(labels: &'static [LabelDef]) -> Self {
        Self { requests: None, duration: None, errors: None, active: None, labels }
    }

    /// Sets the counter of calls by `status`.
    #[doc(hidden)]
    #[track_caller]
    pub const fn requests(mut self, metric: &'static MetricDef) -> Self {
        assert!(matches!(metric.kind, Kind::Counter), "`requests` must be a `Counter`");
        let status = find(metric.labels, "status");
        assert!(
            status.is_some(),
            "`requests` counts calls by status: add the label `status: phoenix_otel::Status` to the metric"
        );
        assert!(is_status(status), "the label `status` of `requests` must have the type `phoenix_otel::Status`");
        fits(metric.labels, self.labels, "status");
        self.requests = Some(metric);
        self
    }

    /// Sets the histogram of durations.
    #[doc(hidden)]
    #[track_caller]
    pub const fn duration(mut self, metric: &'static MetricDef) -> Self {
        assert!(matches!(metric.kind, Kind::Histogram), "`duration` must be a `Histogram`");
        assert!(same(metric.unit, "s"), "`duration` is recorded in seconds: the metric must have `unit: \"s\"`");
        fits(metric.labels, self.labels, "");
        self.duration = Some(metric);
        self
    }

    /// Sets the counter of failed calls by `error_type`.
    #[doc(hidden)]
    #[track_caller]
    pub const fn errors(mut self, metric: &'static MetricDef) -> Self {
        assert!(matches!(metric.kind, Kind::Counter), "`errors` must be a `Counter`");
        let error_type = find(metric.labels, "error_type");
        assert!(
            error_type.is_some(),
            "`errors` counts failed calls by kind of error: add the label `error_type: &str` to the metric"
        );
        assert!(
            matches!(error_type, Some(LabelDef { values: None, .. })),
            "the label `error_type` of `errors` must have the type `&str`, since the returned error sets it"
        );
        fits(metric.labels, self.labels, "error_type");
        self.errors = Some(metric);
        self
    }

    /// Sets the gauge of calls in flight.
    #[doc(hidden)]
    #[track_caller]
    pub const fn active(mut self, metric: &'static MetricDef) -> Self {
        assert!(matches!(metric.kind, Kind::UpDownCounter), "`active` must be an `UpDownCounter`");
        fits(metric.labels, self.labels, "");
        self.active = Some(metric);
        self
    }
}

/// Checks that the set has every label of the metric, except the one that is set when the call ends.
#[track_caller]
const fn fits(of_metric: &[LabelDef], of_set: &[LabelDef], found_at_end: &str) {
    let mut i = 0;
    while i < of_metric.len() {
        let label = &of_metric[i];
        i += 1;
        if same(label.name, found_at_end) {
            continue;
        }
        match find(of_set, label.name) {
            None => Message::new("this metric has the label `")
                .add(label.name)
                .add("`, which the call set does not have: add it to the set")
                .panic(),
            Some(set) if !same_values(label.values, set.values) => {
                Message::new("the label `")
                    .add(label.name)
                    .add("` has a different type in this metric than in the call set: use the same type")
                    .panic();
            }
            Some(_) => {}
        }
    }
}

const fn find<'l>(labels: &'l [LabelDef], name: &str) -> Option<&'l LabelDef> {
    let mut i = 0;
    while i < labels.len() {
        if same(labels[i].name, name) {
            return Some(&labels[i]);
        }
        i += 1;
    }
    None
}

const fn is_status(label: Option<&LabelDef>) -> bool {
    match label {
        Some(label) => same_values(label.values, Some(Status::VALUES)),
        None => false,
    }
}

const fn same_values(a: Option<&[&str]>, b: Option<&[&str]>) -> bool {
    let (a, b) = match (a, b) {
        (None, None) => return true,
        (Some(a), Some(b)) if a.len() == b.len() => (a, b),
        _ => return false,
    };
    let mut i = 0;
    while i < a.len() {
        if !same(a[i], b[i]) {
            return false;
        }
        i += 1;
    }
    true
}
