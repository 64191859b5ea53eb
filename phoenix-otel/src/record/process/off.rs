//! The stub of the process metrics for builds without the feature.

use tokio::runtime::Handle;

/// Observes nothing.
pub(crate) fn observe(_: bool, _: Option<&Handle>) {}
