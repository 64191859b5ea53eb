//! The contract: the same names, labels and values by every way, and definitions that the lint passes.

mod deployed_name;
mod lint;
mod names;
mod same_by_every_way;
mod shared_names;
mod walked;
