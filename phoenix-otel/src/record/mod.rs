//! What happens to a call: the guard behind the attribute, and its outcome.

pub(crate) mod call;
pub(crate) mod future;
pub(crate) mod kb;
pub(crate) mod llm;
pub(crate) mod outcome;
pub(crate) mod set;
pub(crate) mod site;
mod tally;

pub use call::{Call, Verdict};
pub use outcome::Outcome;
pub use set::{CallSet, measure};
