//! The stub of the edge for builds without layers.

/// Always `false`: there are no layers.
pub(crate) const fn is_built() -> bool {
    false
}
