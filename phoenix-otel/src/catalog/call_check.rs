//! Whether the metrics of a call set fit it: checked by the compiler, which shows these messages.

use super::def::{CallDef, Kind, MetricDef, same};
use super::function::Status;
use super::labels::{Label, LabelDef};
use super::message::Message;

/// Each of these panics where the metric does not fit, which in a constant is an error of the compiler. They are
/// tracked, so that the error stands on the metric's name.
impl CallDef {
    /// A set with these labels, and no metrics yet.
    #[doc(hidden)]
    pub const fn new(labels: &'static [LabelDef]) -> Self {
        Self { requests: None, duration: None, errors: None, active: None, labels }
    }

    /// Counts calls by `status`.
    #[doc(hidden)]
    #[track_caller]
    pub const fn requests(mut self, metric: &'static MetricDef) -> Self {
        assert!(matches!(metric.kind, Kind::Counter), "`requests` is counted: it must be a `Counter`");
        let status = find(metric.labels, "status");
        assert!(
            status.is_some(),
            "`requests` counts calls by how they ended: add the label `status: phoenix_otel::Status` to the metric"
        );
        assert!(
            is_status(status),
            "the `status` of `requests` is how a call ended: its type must be `phoenix_otel::Status`"
        );
        fits(metric.labels, self.labels, "status");
        self.requests = Some(metric);
        self
    }

    /// Takes the time of calls.
    #[doc(hidden)]
    #[track_caller]
    pub const fn duration(mut self, metric: &'static MetricDef) -> Self {
        assert!(matches!(metric.kind, Kind::Histogram), "`duration` is a distribution: it must be a `Histogram`");
        assert!(same(metric.unit, "s"), "`duration` is recorded in seconds: the metric must have `unit: \"s\"`");
        fits(metric.labels, self.labels, "");
        self.duration = Some(metric);
        self
    }

    /// Counts failed calls by `error_type`.
    #[doc(hidden)]
    #[track_caller]
    pub const fn errors(mut self, metric: &'static MetricDef) -> Self {
        assert!(matches!(metric.kind, Kind::Counter), "`errors` are counted: it must be a `Counter`");
        let error_type = find(metric.labels, "error_type");
        assert!(
            error_type.is_some(),
            "`errors` counts failures by their kind: add the label `error_type: &str` to the metric"
        );
        assert!(
            matches!(error_type, Some(LabelDef { values: None, .. })),
            "the `error_type` of `errors` comes from the error that is returned: its type must be `&str`"
        );
        fits(metric.labels, self.labels, "error_type");
        self.errors = Some(metric);
        self
    }

    /// Counts calls in flight.
    #[doc(hidden)]
    #[track_caller]
    pub const fn active(mut self, metric: &'static MetricDef) -> Self {
        assert!(matches!(metric.kind, Kind::UpDownCounter), "`active` rises and falls: it must be an `UpDownCounter`");
        fits(metric.labels, self.labels, "");
        self.active = Some(metric);
        self
    }
}

/// Every label of the metric must be one of the set, but for the one that is found when the call ends.
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
                .add("`, which the call set lacks: add it to the set")
                .panic(),
            Some(set) if !same_values(label.values, set.values) => {
                Message::new("the label `")
                    .add(label.name)
                    .add("` has another type in this metric than in the call set: make them the same")
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
