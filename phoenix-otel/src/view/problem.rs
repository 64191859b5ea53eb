//! The problems of views.

use std::fmt;

/// The kind of a [`ViewProblem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ViewProblemKind {
    /// The selector selects nothing.
    Selector,
    /// The new name is invalid, reserved, or given to several metrics.
    Name,
    /// The buckets are invalid, or the metric has no buckets.
    Buckets,
    /// The cap is 0 or too large.
    Cap,
    /// The metric has no such attribute.
    Attribute,
    /// The view drops the metric and sets other properties.
    Drop,
    /// Two metrics would have the same name.
    Conflict,
}

/// An invalid [view](crate::Builder::view): one of [`InitError::views`](crate::InitError::views).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViewProblem {
    /// The kind of the problem.
    pub kind: ViewProblemKind,
    /// The instrument selector of the view. `None` if several views, or a view and a metric, conflict.
    pub view: Option<String>,
    /// The place of the view in the configuration file, such as `otel.yaml:12:7`. `None` for a view in code, and for a conflict.
    pub location: Option<String>,
    /// What is wrong, and what to do.
    pub advice: String,
}

impl fmt::Display for ViewProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.view {
            Some(view) => write!(f, "the view of `{view}`: {}", self.advice)?,
            None => f.write_str(&self.advice)?,
        }
        match &self.location {
            Some(location) => write!(f, " ({location})"),
            None => Ok(()),
        }
    }
}
