//! What stands in where no spans are exported.

/// Nobody to be told.
#[derive(Debug, Default)]
pub(super) struct Watches;

impl Watches {
    pub(super) fn declare(&self) {}
}
