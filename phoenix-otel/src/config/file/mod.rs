//! Configuration files: YAML with the line and the column of each value.
//!
//! `yaml` reads a tree, and `substitute` replaces references to environment variables in it. `check` compares the tree with the `schema`.
//! `read` converts the tree to plain settings. `node` is the part of a file that another crate reads, and `values` is what the effective
//! configuration shows of it.

#[cfg(feature = "config-file")]
mod check;
#[cfg(feature = "config-file")]
mod node;
#[cfg(feature = "config-file")]
mod read;
#[cfg(feature = "config-file")]
mod schema;
#[cfg(feature = "config-file")]
mod source;
mod substitute;
#[cfg(feature = "config-file")]
mod values;
pub(crate) mod yaml;

#[cfg(feature = "config-file")]
pub use node::ConfigNode;
#[cfg(feature = "config-file")]
pub(crate) use read::{FileAggregation, FileConfig, FileExporter, FileReader, FileView};
#[cfg(all(test, feature = "config-file"))]
pub(crate) use schema::is_supported;
#[cfg(feature = "config-file")]
pub(crate) use source::{FileSource, VARIABLE};

#[cfg(all(test, feature = "config-file"))]
mod tests;
