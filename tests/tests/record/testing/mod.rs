//! `phoenix_otel::testing`: how the tests of a service read what it records.

mod layers;
mod fakes;
mod isolation;
mod memory;
mod observed;
mod polled;
mod properties;
mod reading;
mod shared;
