//! `unsafe fn` and other ABIs, where `unsafe` is allowed.

#![deny(warnings, unsafe_op_in_unsafe_fn, clippy::all)]

use phoenix_otel::instrument_metrics;
use phoenix_otel_tests::{block_on, counted, start};

/// # Safety
/// The pointer must be valid.
#[instrument_metrics]
unsafe fn reads(pointer: *const u32) -> u32 {
    unsafe { *pointer }
}

/// # Safety
/// The pointer must be valid.
#[instrument_metrics]
#[allow(unsafe_op_in_unsafe_fn)]
unsafe fn reads_as_of_old(pointer: *const u32) -> u32 {
    *pointer
}

/// # Safety
/// The pointer must be valid.
#[instrument_metrics]
#[allow(unsafe_op_in_unsafe_fn)]
async unsafe fn reads_later(pointer: *const u32) -> u32 {
    tokio::task::yield_now().await;
    *pointer
}

#[instrument_metrics]
extern "C" fn called_from_c(n: u32) -> u32 {
    n + 1
}

#[instrument_metrics]
pub(crate) extern "system" fn called_by_the_system(n: u32) -> u32 {
    n + 1
}

struct Raw(u32);

/// # Safety
/// None is needed.
unsafe trait Trusted {
    /// # Safety
    /// None is needed.
    unsafe fn trusted(&self) -> u32;
}

#[instrument_metrics]
unsafe impl Trusted for Raw {
    unsafe fn trusted(&self) -> u32 {
        self.0
    }
}

pub(crate) fn main() {
    start();
    assert_eq!(unsafe { reads(&1) + reads_as_of_old(&1) }, 2);
    assert_eq!(block_on(unsafe { reads_later(&1) }), 1);
    assert_eq!(called_from_c(1) + called_by_the_system(1), 4);
    assert_eq!(unsafe { Raw(1).trusted() }, 1);
    for method in ["reads", "reads_as_of_old", "reads_later", "called_from_c", "called_by_the_system", "trusted"] {
        assert_eq!(counted(method), "ok 1", "{method}");
    }
}
