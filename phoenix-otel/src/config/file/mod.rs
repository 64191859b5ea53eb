//! Files: YAML with the line and the column of each value.

mod substitute;
pub(crate) mod yaml;
