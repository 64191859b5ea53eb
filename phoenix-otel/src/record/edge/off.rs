//! What stands in for the edge where no layer is built in.

/// No layer is made.
pub(crate) const fn is_built() -> bool {
    false
}
