//! The points that an exposition dropped.

use std::fmt;

use crate::catalog::sdk::DropReason as Counted;

/// The points that [`encode`](super::encode) dropped, with the reasons. Empty if everything was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One entry for each family and reason.
    pub dropped: Vec<Dropped>,
}

/// Points of one metric that were not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The Prometheus name, or the OpenTelemetry name if there is no valid Prometheus name.
    pub metric: String,
    /// The reason.
    pub reason: DropReason,
    /// The number of points.
    pub points: usize,
}

/// Why points were not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// The name has no character that a Prometheus name may contain, or the name of a foreign family is invalid.
    InvalidName,
    /// Another metric of the same name has a different type. The first one was written.
    TypeConflict,
    /// The name, or that of a series of the metric (`…_count`), belongs to another metric.
    NameConflict,
    /// Another point of the metric has the same labels, including those of the scope.
    DuplicateSeries,
    /// The metric has delta temporality. A scrape needs cumulative temporality.
    DeltaTemporality,
    /// A foreign family has a type or a label that cannot be shown.
    Unsupported,
}

impl DropReason {
    /// The reason under which `phoenix_otel_dropped_total` counts it.
    pub(crate) const fn counted(self) -> Counted {
        match self {
            DropReason::InvalidName => Counted::Name,
            DropReason::TypeConflict | DropReason::NameConflict => Counted::Conflict,
            DropReason::DuplicateSeries => Counted::Duplicate,
            DropReason::DeltaTemporality | DropReason::Unsupported => Counted::Unsupported,
        }
    }

    /// The reason as a label value, in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            DropReason::InvalidName => "invalid_name",
            DropReason::TypeConflict => "type_conflict",
            DropReason::NameConflict => "name_conflict",
            DropReason::DuplicateSeries => "duplicate_series",
            DropReason::DeltaTemporality => "delta_temporality",
            DropReason::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.reason {
            DropReason::InvalidName => "its name cannot be converted to a valid Prometheus name",
            DropReason::TypeConflict => "a metric of the same name has another type",
            DropReason::NameConflict => "another metric owns the name of one of its series",
            DropReason::DuplicateSeries => "another point has the same labels",
            DropReason::DeltaTemporality => "it has delta temporality, and a scrape needs cumulative temporality",
            DropReason::Unsupported => "its type or a label name cannot be shown",
        };
        write!(f, "{} point(s) of {:?} are dropped from the exposition: {why}", self.points, self.metric)
    }
}

impl Report {
    pub(super) fn add(&mut self, metric: &str, reason: DropReason, points: usize) {
        if points == 0 {
            return;
        }
        match self.dropped.iter_mut().find(|d| d.reason == reason && d.metric == metric) {
            Some(known) => known.points += points,
            None => self.dropped.push(Dropped { metric: metric.to_owned(), reason, points }),
        }
    }
}
