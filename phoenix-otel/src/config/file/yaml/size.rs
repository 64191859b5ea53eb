//! The size of a tree, with its limits.

use super::{Fault, MAX_BYTES, Position};

/// The maximum number of nodes. Aliases count with all nodes that they refer to. The copies that anchors keep
/// are counted apart, up to the same number.
const MAX_NODES: usize = 100_000;
/// The maximum size of all keys and scalars. Aliases count with all that they refer to, and references with the values of their variables.
pub(crate) const MAX_TEXT: usize = 16 * MAX_BYTES;

/// The size of a part of the tree.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    pub(super) nodes: usize,
    /// The bytes of keys and scalars.
    pub(super) text: usize,
}

impl Size {
    /// The sum, if it is allowed.
    pub(super) fn with(self, more: Self, position: Position) -> Result<Self, Fault> {
        let sum = Self { nodes: self.nodes + more.nodes, text: self.text + more.text };
        if sum.nodes > MAX_NODES {
            let allowed = format!("at most {MAX_NODES}, including those of aliases");
            return Err(Fault::new(position, "too many nodes", allowed));
        }
        if sum.text > MAX_TEXT {
            let allowed = format!("at most {MAX_TEXT} bytes, including those of aliases and variables");
            return Err(Fault::new(position, "too much text", allowed));
        }
        Ok(sum)
    }
}
