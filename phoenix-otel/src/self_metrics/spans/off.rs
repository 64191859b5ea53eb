//! What stands in where no spans are exported.

/// No exporter of spans.
#[derive(Debug, Default)]
pub(super) struct Watches;

impl Watches {
    pub(super) fn declare(&self) {}
}
