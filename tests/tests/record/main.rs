//! Recorded calls and values: by the attribute, by handles, by breakers, by meters of other libraries.

mod callback_panics;
mod cardinality;
mod circuit_breaker;
mod circuit_breaker_inits;
mod domains;
mod dropped;
mod foreign_meters;
mod foreign_names;
mod function_without_subsystem;
mod inactive_domain;
mod million;
mod no_allocation;
mod outcomes;
mod outcomes_many;
mod own_domain;
mod split_instruments;
mod summary;
mod testing;
mod views;
