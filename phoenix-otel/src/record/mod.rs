//! Records calls: the guard behind the attribute, the outcome of a call, and the layers.

pub(crate) mod call;
mod call_counts;
pub mod circuit_breaker;
#[cfg_attr(not(feature = "http"), path = "edge/off.rs")]
pub(crate) mod edge;
pub(crate) mod future;
#[cfg(all(feature = "grpc", not(target_family = "wasm")))]
pub mod grpc;
#[cfg(feature = "http")]
pub mod http;
pub(crate) mod in_place;
pub(crate) mod instrumented_function;
#[cfg(feature = "http")]
pub mod layer;
#[allow(missing_debug_implementations, reason = "used by expansions; users see only `Outcome`")]
pub(crate) mod outcome;
#[cfg(all(feature = "sdk", not(target_family = "wasm")))]
#[cfg_attr(not(feature = "process"), path = "process/off.rs")]
pub(crate) mod process;
pub(crate) mod set;
mod span_watch;

pub use call::{BoundCallSet, Call, CallTarget, Verdict};
pub use future::Measured;
pub use outcome::Outcome;
pub use set::{CallSet, LabelledCallSet, measure};
