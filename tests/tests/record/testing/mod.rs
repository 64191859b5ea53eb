//! `phoenix_otel::testing`: how the tests of a service read what it records.

mod fakes;
mod golden;
mod isolation;
mod layers;
mod observed;
mod polled;
mod properties;
mod reading;
mod shared;
