//! `phoenix_otel::testing`: what tests of a service see of what it records.

mod edges;
mod fakes;
mod isolation;
mod memory;
mod observed;
mod polled;
mod properties;
mod reading;
mod shared;
