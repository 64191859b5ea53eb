//! Parts of a file that cannot be read.

use super::Position;

/// A part of a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) position: Position,
    /// What was read. `None` for a syntax error and a file that is too large.
    pub(crate) read: Option<String>,
    /// What is allowed. Without a value: what is wrong.
    pub(crate) allowed: String,
}

impl Fault {
    pub(crate) fn new(position: Position, read: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { position, read: Some(read.into()), allowed: allowed.into() }
    }
}
